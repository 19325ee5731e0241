/** Numbers in the interpreter's decimal form: at most eleven places, with the small errors of its own making (measured). */

/** What is left below this counts as nothing, as in the interpreter. */
const NEGLIGIBLE = 1e-7;
const MOST_PLACES = 11;
/** Whole numbers up to here are exact and need no thought. */
const EXACT = 2 ** 53;

/** `value` as the console shows it: `1/3` is 0.33333333333, `1e21` is 10e+20. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < EXACT) return String(value + 0);
  if (!Number.isFinite(value)) return String(value);
  if (value < 0) return `-${numberText(-value)}`;
  const { mantissa, exponent } = scaled(value);
  const sign = exponent > 0 ? "+" : "";
  return decimal(mantissa) + (exponent === 0 ? "" : `e${sign}${exponent}`);
}

/** Very large and very small numbers are brought near one, in steps of five places and then of one. */
function scaled(value: number): { mantissa: number; exponent: number } {
  let mantissa = value;
  let exponent = 0;
  if (value >= 1e21) {
    for (; mantissa > 1e5; exponent += 5) mantissa /= 1e5;
    for (; mantissa > 10; exponent++) mantissa /= 10;
  } else if (value < 1e-6) {
    for (; mantissa < 1e-5; exponent -= 5) mantissa *= 1e5;
    for (; mantissa < 1; exponent--) mantissa *= 10;
  }
  return { mantissa, exponent };
}

function decimal(value: number): string {
  const whole = Math.floor(value);
  if (whole >= EXACT) return BigInt(whole).toString();
  if (value + NEGLIGIBLE >= whole + 1) return String(whole + 1);
  let places = "";
  let rest = (value - whole) * 10;
  while (places.length < MOST_PLACES && rest > NEGLIGIBLE) {
    const digit = Math.floor(rest + 1e-8);
    places += Math.min(digit, 9);
    rest = (rest - digit) * 10;
  }
  return places === "" ? String(whole) : `${whole}.${places}`;
}
