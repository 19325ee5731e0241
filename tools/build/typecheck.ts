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
/** What the declarations of pins are made of: a project without it has declarations of its own. */
const BOARD_API = resolve(projectRoot, "firmware/board.d.ts");

/**
 * Runs tsc over the tsconfig.json nearest above the entry (firmware/ by default). Where that includes firmware/board.d.ts, the pins of `profile`
 * are there, and those of no other board.
 * Returns what it complained about, "" when the types are right.
 */
export async function typecheck(
  entry?: string,
  profile: BoardProfile = loadProfile("esp32-devkitc"),
): Promise<string> {
  const project = nearestProject(resolve(entry ?? `${projectRoot}firmware/main.ts`));
  const shown = await compiler("-p", project, "--showConfig");
  if (shown.code !== 0) return complaints(shown, profile);
  const files: string[] = JSON.parse(shown.text).files ?? [];
  const folder = mkdtempSync(join(tmpdir(), "wick-types-"));
  try {
    const pins = join(folder, `${profile.name}.d.ts`);
    writeFileSync(pins, pinDeclarations(profile));
    const own = files
      .map((file) => resolve(project, file))
      .filter((file) => !file.startsWith(EDITORS_FOLDER));
    const hasApi = own.includes(BOARD_API);
    const config = {
      extends: join(project, "tsconfig.json"),
      compilerOptions: { noEmit: true, typeRoots: typeRootsOf(project) },
      files: hasApi ? [pins, ...own] : own,
      include: [],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const checked = await compiler("-p", folder, "--pretty", "false");
    return checked.code === 0 ? "" : complaints(checked, profile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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

function nearestProject(entry: string): string {
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "tsconfig.json"))) return folder;
  }
  return resolve(projectRoot, "firmware");
}

/** Where the compiler looks for the packages under `types`, as if its configuration lay in the project. */
function typeRootsOf(project: string): string[] {
  const roots: string[] = [];
  for (let folder = project; ; folder = dirname(folder)) {
    roots.push(join(folder, "node_modules/@types"));
    if (folder === dirname(folder)) return roots.filter((root) => existsSync(root));
  }
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
