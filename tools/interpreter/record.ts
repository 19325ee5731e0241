/** Makes board-profiles/interpreter.json: asks the interpreter (ESPRUINO_BIN) which built-ins and which syntax it has. */
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { pathToFileURL } from "node:url";
import { projectRoot } from "../version.ts";
import { ask } from "./ask.ts";
import { everywhere, globals, kinds, modulesOnlyOnPc, onlyOnPc, owners } from "./candidates.ts";
import { type Construct, features, nodes, operators, unwanted } from "./syntax.ts";

/** Name to what `typeof` gives; "throws" where asking throws. */
type Members = Record<string, string>;

export interface InterpreterFacts {
  readonly $comment: string;
  readonly interpreter: string;
  readonly members: Record<string, Members>;
  readonly statics: Record<string, Members>;
  readonly modules: Record<string, Members>;
  /** What it does not know: key to the name people know it by. */
  readonly syntax: { readonly nodes: Members; readonly operators: Members; readonly features: Members };
}

export const factsFile = `${projectRoot}board-profiles/interpreter.json`;

const comment =
  "Made by: ESPRUINO_BIN=... npm run interpreter. What the board's interpreter offers and lacks: typeof by owner and member, and the syntax " +
  "it does not know, measured on the interpreter named here. Read by the build's dialect check and by the simulator.";

/** Asks `interpreter` (a path) for all of it. `known` keeps names that an earlier run asked for, whatever V8 this is. */
export async function recordFacts(interpreter: string, known?: InterpreterFacts): Promise<InterpreterFacts> {
  const server = createServer((socket) => socket.on("error", () => {}));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  try {
    const [version = "", ...listed] = await ask(interpreter, listScript);
    const lists = listed.map((line) => JSON.parse(line) as [string, string, string[]]);
    const plan = planOf(lists, known);
    const answers = await ask(interpreter, probeScript(plan, port));
    const facts: InterpreterFacts = {
      $comment: comment,
      interpreter: `Espruino ${version}`,
      members: {},
      statics: {},
      modules: {},
      syntax: {
        nodes: { ...(await missing(interpreter, nodes)), ...unwanted },
        operators: await missing(interpreter, operators),
        features: await missing(interpreter, features),
      },
    };
    plan.forEach(({ table, owner, names }, index) => {
      const types = (answers[index] ?? "").split(",");
      facts[table][owner] = Object.fromEntries(names.map((name, place) => [name, types[place] ?? "unknown"]));
    });
    return facts;
  } finally {
    server.close();
  }
}

/** As it stands in the repository. */
export function textOf(facts: InterpreterFacts): string {
  return `${JSON.stringify(facts, undefined, 2)}\n`;
}

/** What the interpreter lists itself, a line for an owner: table, owner, names. */
const listScript = `fact(process.version);
var $list=function(table,owner,value){fact(JSON.stringify([table,owner,Object.getOwnPropertyNames(value)]))};
$list("members","global",global);
[["string",String],["array",Array],["typedarray",Uint8Array],["number",Number],["boolean",Boolean],["date",Date],["object",Object],["pin",Pin],
["function",Function],["regexp",RegExp],["dataview",DataView],["error",Error],["promise",Promise],["socket",Socket],["server",Server],
["storagefile",StorageFile],["serial",Serial]].forEach(function(a){$list("members",a[0],a[1].prototype)});
$list("members","error",new Error("x"));
${JSON.stringify(Object.keys(owners))}.forEach(function(name){$list("statics",name,global[name])});
process.env.MODULES.split(",").forEach(function(name){$list("modules",name,require(name))});`;

interface Probe {
  readonly table: "members" | "statics" | "modules";
  readonly owner: string;
  /** What stands for the owner on the board; "" for globals. */
  readonly expression: string;
  readonly names: readonly string[];
}

function planOf(lists: readonly [string, string, string[]][], known: InterpreterFacts | undefined): Probe[] {
  const listed = (table: string, owner: string): string[] =>
    lists.filter(([one, other]) => one === table && other === owner).flatMap(([, , names]) => names);
  const probe = (
    table: Probe["table"],
    owner: string,
    expression: string,
    names: readonly string[],
  ): Probe => {
    const before = Object.keys(known?.[table][owner] ?? {});
    const all = new Set([...names, ...listed(table, owner), ...before]);
    const uninteresting =
      table === "statics" ? [...everywhere, "length", "name"] : owner === "class" ? [] : everywhere;
    for (const name of uninteresting) all.delete(name);
    return { table, owner, expression, names: [...all].filter((name) => !onlyOnPc.test(name)).sort() };
  };
  const modules = lists.filter(([table, name]) => table === "modules" && !modulesOnlyOnPc.has(name));
  return [
    ...Object.entries(kinds).map(([owner, { expression, names }]) =>
      probe("members", owner, expression, names),
    ),
    probe("members", "global", "", globals()),
    ...Object.entries(owners).map(([owner, names]) => probe("statics", owner, owner, names)),
    ...modules.map(([, name]) => probe("modules", name, `require("${name}")`, [])),
  ];
}

/** One line for each probe: the types in the order of its names. */
function probeScript(plan: readonly Probe[], port: number): string {
  const lines = plan.map(({ expression, names }) => {
    // Asked as a program asks, with a dot: with brackets a name that is not there throws on some kinds of values.
    const asked = `"typeof "+${expression === "" ? "" : `"o."+`}n`;
    return `(function(o){fact(${JSON.stringify(names.join())}.split(",").map(function(n){try{return eval(${asked})}catch(e){return "throws"}}).join())})(${expression})`;
  });
  return `var server=require("net").createServer(function(){});
var socket=require("net").connect({host:"127.0.0.1",port:${port}},function(){});\n${lines.join(";\n")}`;
}

/** Those constructs that fail: each in an interpreter's own evaluation, so that none spoils the next. */
async function missing(interpreter: string, constructs: readonly Construct[]): Promise<Members> {
  const script = constructs
    .map(
      ({ text }) =>
        `(function(){try{fact(JSON.stringify(""+eval(${JSON.stringify(text)})))}catch(e){fact("null")}})()`,
    )
    .join(";\n");
  const answers = await ask(interpreter, script);
  const lacking = constructs.filter(({ gives }, index) => JSON.parse(answers[index] ?? "null") !== gives);
  return Object.fromEntries(lacking.map(({ key, words }) => [key, words]));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const interpreter = process.env.ESPRUINO_BIN;
  if (!interpreter) {
    console.error(
      "ESPRUINO_BIN is not set; it must name Espruino for Linux: ESPRUINO_BIN=/path/to/espruino npm run interpreter",
    );
    process.exitCode = 2;
  } else {
    const known = JSON.parse(readFileSync(factsFile, "utf8")) as InterpreterFacts;
    writeFileSync(factsFile, textOf(await recordFacts(interpreter, known)));
  }
}
