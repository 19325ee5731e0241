/** Type-checks what goes on the board, with the compiler of the project and the pins of the board. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve, sep } from "node:path";
import { type BoardProfile, loadProfile } from "../config/profile.ts";
import { projectRoot } from "../version.ts";
import { aboutPins } from "./pin-complaints.ts";
import { pinDeclarations } from "./pin-declarations.ts";

/** Declarations of boards for editors; the build makes those of its board itself. */
const EDITORS_FOLDER = resolve(projectRoot, "board-profiles/types") + sep;
/** TypeScript is a program for each kind of computer, in packages that npm calls optional. */
const NO_COMPILER =
  "types cannot be checked: TypeScript's package for this computer is not installed; run npm install (without --omit=optional)";
/** What the declarations of pins are made of. */
const BOARD_API = resolve(projectRoot, "firmware/board.d.ts");
/** Declares the constants of the configuration. */
const SETTINGS = resolve(projectRoot, "firmware/settings.ts");

/** By these rules every program for a board is checked, whatever a tsconfig.json around it says. */
const RULES = {
  target: "es2020",
  lib: ["es2020"],
  module: "esnext",
  moduleResolution: "bundler",
  // As the bundler has it, whether a file imports anything or not.
  moduleDetection: "force",
  types: [],
  strict: true,
  useDefineForClassFields: false,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  allowJs: true,
  noEmit: true,
};

/**
 * Runs tsc over the lamp, or over `entry` and what it imports, with firmware/board.d.ts, the constants of the configuration, and the pins of
 * `profile` and of no other board. The tsconfig.json nearest above an entry tells where modules are found and which declarations there are besides.
 * Returns what it complained about, "" when the types are right.
 */
export async function typecheck(
  entry?: string,
  profile: BoardProfile = loadProfile("esp32-devkitc"),
): Promise<string> {
  const main = resolve(projectRoot, "firmware/main.ts");
  const program = resolve(entry ?? main);
  const project = program === main ? resolve(projectRoot, "firmware") : nearestProject(program);
  const shown = project === undefined ? undefined : await compiler("-p", project, "--showConfig");
  if (shown !== undefined && shown.code !== 0 && !NOTHING_IN_IT.test(shown.text))
    return complaints(shown, profile);
  const folder = mkdtempSync(join(tmpdir(), "wick-types-"));
  try {
    const pins = join(folder, `${profile.name}.d.ts`);
    writeFileSync(pins, pinDeclarations(profile));
    const around: Around =
      project === undefined || shown?.code !== 0 ? NOTHING : aroundOf(project, shown.text);
    const config =
      program === main
        ? { extends: join(projectRoot, "firmware/tsconfig.json"), files: [pins, BOARD_API, ...around.files] }
        : {
            compilerOptions: { ...RULES, ...(around.paths && { paths: around.paths }) },
            files: [pins, BOARD_API, SETTINGS, ...around.files.filter(isDeclaration), program],
          };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ ...config, include: [] }));
    const checked = await compiler("-p", folder, "--pretty", "false");
    return checked.code === 0 ? "" : complaints(checked, profile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a tsconfig.json says that concerns a program: its files, and names of modules that stand for others. */
interface Around {
  readonly files: readonly string[];
  readonly paths?: Readonly<Record<string, readonly string[]>>;
}

const NOTHING: Around = { files: [] };
/** It names no file that there is, so that it says nothing about a program. */
const NOTHING_IN_IT = /\bTS1800[23]\b/;

function aroundOf(project: string, shown: string): Around {
  const { files = [], compilerOptions = {} } = JSON.parse(shown) as {
    files?: string[];
    compilerOptions?: { paths?: Record<string, string[]>; baseUrl?: string };
  };
  const base = resolve(project, compilerOptions.baseUrl ?? ".");
  const own = files
    .map((file) => resolve(project, file))
    .filter((file) => !file.startsWith(EDITORS_FOLDER) && file !== BOARD_API);
  if (compilerOptions.paths === undefined) return { files: own };
  const paths = Object.entries(compilerOptions.paths).map(([name, places]) => [
    name,
    places.map((place) => resolve(base, place)),
  ]);
  return { files: own, paths: Object.fromEntries(paths) };
}

function isDeclaration(file: string): boolean {
  return file.endsWith(".d.ts");
}

/** Its exit code and all that it printed. */
interface Run {
  readonly code: number | null;
  readonly text: string;
}

/** Runs tsc in the current folder. */
function compiler(...commandLine: string[]): Promise<Run> {
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const tsc = join(dirname(manifest), JSON.parse(readFileSync(manifest, "utf8")).bin.tsc);
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [tsc, ...commandLine]);
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data) => {
        text += data;
      });
    child.on("error", fail);
    child.on("close", (code) => done({ code, text }));
  });
}

function nearestProject(entry: string): string | undefined {
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "tsconfig.json"))) return folder;
  }
  return undefined;
}

/** "a.ts(3,5): error TS1: text" to "a.ts:3:5: text (TS1)", like every other message; what concerns pins in the board's words. */
function complaints({ code, text }: Run, profile: BoardProfile): string {
  const lines = text
    .trim()
    .replace(/^(.+?)\((\d+),(\d+)\): error (TS\d+): (.*)$/gm, "$1:$2:$3: $5 ($4)")
    .split("\n");
  if (/\bUnable to resolve @typescript\//.test(text)) return NO_COMPILER;
  return aboutPins(lines, profile).join("\n") || `tsc ended with code ${code}`;
}
