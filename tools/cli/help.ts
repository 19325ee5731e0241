/** How the help of every command reads: a default only where there is one, and the terminal's width, within reason. */
import { Help, type Option } from "commander";

/** Longer lines are hard to read, however wide the terminal is. */
const MOST_COLUMNS = 110;
const LEAST_COLUMNS = 60;
const USUAL_COLUMNS = 80;

/** Over the flags that most commands share; they come last, as everybody knows them. */
export const SHARED = "On every command:";

/** For `configureHelp`. */
export const helpWords: Partial<Help> = {
  helpWidth: Math.max(LEAST_COLUMNS, Math.min(process.stdout.columns || USUAL_COLUMNS, MOST_COLUMNS)),
  optionDescription: describeOption,
  groupItems(unsorted, visible, groupOf) {
    const groups = new Help().groupItems(unsorted, visible, groupOf);
    const shared = groups.get(SHARED);
    if (shared !== undefined && groups.delete(SHARED)) groups.set(SHARED, shared);
    return groups;
  },
};

/** Choices stand in the description of those who have them. */
function describeOption({ description, defaultValue }: Option): string {
  const hasDefault = defaultValue !== undefined && defaultValue !== false && !isEmpty(defaultValue);
  return hasDefault ? `${description} (default: ${defaultValue})` : description;
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
