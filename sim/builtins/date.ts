/** Dates: short forms as text, 0 for what cannot be read, and no day where none is given. */
import type { Realm, Value } from "../realm.ts";
import type { Define } from "./install.ts";

const DAYS = "Sun Mon Tue Wed Thu Fri Sat".split(" ");
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

export function installDate(realm: Realm, define: Define): void {
  const { prototype } = realm.builtins.Date;
  const two = (number: number): string => String(number).padStart(2, "0");
  const clock = (date: Value): string =>
    `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const day = (date: Value): string => DAYS[date.getUTCDay()] ?? "";
  const month = (date: Value): string => MONTHS[date.getUTCMonth()] ?? "";
  define(
    prototype,
    "toString",
    (self) =>
      `${day(self)} ${month(self)} ${self.getUTCDate()} ${self.getUTCFullYear()} ${clock(self)} GMT+0000`,
  );
  define(
    prototype,
    "toUTCString",
    (self) => `${day(self)}, ${self.getUTCDate()} ${month(self)} ${self.getUTCFullYear()} ${clock(self)} GMT`,
  );
  // Without it a date that is added to something counts as its milliseconds.
  delete prototype[Symbol.toPrimitive];
}
