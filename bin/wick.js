#!/usr/bin/env node
// Starts the command line: makes Node read TypeScript, then hands over to tools/cli/main.ts.
import { register } from "tsx/esm/api";

register();
// Whoever reads the output may have had enough of it, as `head` has: what remains is said to nobody.
process.stdout.on("error", (error) => {
  if (error.code !== "EPIPE") throw error;
});
const { main } = await import("../tools/cli/main.ts");
process.exitCode = await main(process.argv.slice(2));
