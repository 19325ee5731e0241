/** What a command line says twice: the last one counts, and that the first is in vain is said. */
import type { Command, Option } from "commander";

interface Named {
  readonly set?: readonly string[];
  readonly board?: string;
}

/**
 * Listens to the options of `command`; call it before the command line is read. What it returns gives, once it was read, one sentence for each option
 * that came again or together with its opposite (--wait and --no-wait), and for each key that --set gives again.
 */
export function twiceOn(command: Command): () => string[] {
  const last = new Map<string, Option>();
  const sentences = new Set<string>();
  for (const option of command.options) {
    // A list takes what comes.
    if (option.variadic || option.long === "--set") continue;
    command.on(`option:${option.name()}`, () => {
      const before = last.get(option.attributeName());
      last.set(option.attributeName(), option);
      if (before === option) sentences.add(`${option.long} is given twice, and the last one counts`);
      else if (before !== undefined)
        sentences.add(`${before.long} has no effect beside ${option.long}, which comes later`);
    });
  }
  return () => [...sentences, ...setTwice(command.opts())];
}

/** Only keys: values may be secret. */
function setTwice({ set = [], board }: Named): string[] {
  const keys = set.map((argument) => argument.split("=")[0]?.trim() ?? "");
  const again = new Set(keys.filter((key, index) => keys.indexOf(key) !== index));
  return [
    ...[...again].map((key) => `--set ${key} is given twice, and the last one counts`),
    ...(board !== undefined && keys.includes("board")
      ? ["--set board has no effect beside --board, which wins"]
      : []),
  ];
}
