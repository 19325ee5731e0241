/** The interpreter's console: takes bytes from the port, edits the line, runs it, prints the result (jsinteractive.c). */
import type { LoopPart } from "../loop.ts";
import type { Realm, Value } from "../realm.ts";
import { isUnfinished } from "./brackets.ts";
import { completion } from "./completion.ts";
import type { Evaluator } from "./evaluate.ts";
import { formatted, RESULT } from "./format.ts";
import { type Echo, LineEditor } from "./line-editor.ts";
import { type PacketBoard, PacketReceiver } from "./packets.ts";
import type { ConsolePort, ConsoleReader } from "./port.ts";

/** What the console does to the board it belongs to. */
export interface ConsoleBoard extends Omit<PacketBoard, "alive" | "send" | "removeLine" | "evaluate"> {
  readonly port: ConsolePort;
  readonly echo: Echo;
  readonly evaluator: Evaluator;
  /** How the board answers when asked what it is, as `Espruino 2v29 ESP32`. */
  readonly description: string;
  /** By `E.setPassword`. */
  password(): string | undefined;
}

/** Where in an escape sequence, or after which single character, the input is. */
type State = "plain" | "after-16" | "escape" | "escape-O" | "escape-[" | "escape-[-number";

const BREAK = "\x03";
const SLOW_CHUNK = 64;
const LONGEST_PASSWORD = 20;

export class Console implements LoopPart, ConsoleReader {
  private readonly editor: LineEditor;
  private readonly packets: PacketReceiver;
  private state: State = "plain";
  private number = 0;
  private breakPending = false;
  private overflow = false;
  private busyUntil = 0;
  private alive = true;
  private readonly board: ConsoleBoard;
  private readonly realm: Realm;

  constructor(board: ConsoleBoard) {
    this.board = board;
    this.realm = board.realm;
    const terminal = this;
    this.editor = new LineEditor(board.echo, (bytes) => board.port.send(bytes));
    this.packets = new PacketReceiver({
      ...board,
      alive() {
        return terminal.alive;
      },
      send(bytes) {
        board.port.send(bytes);
      },
      removeLine() {
        terminal.editor.remove();
      },
      evaluate(expression) {
        return board.evaluator.expression(expression);
      },
    });
    board.port.connect(this);
  }

  powerOff(): void {
    this.alive = false;
    this.packets.powerOff();
    this.board.port.connect(undefined);
  }

  /** Prints what a program prints; the line being typed makes room for it and comes back at the end of the pass. */
  print(text: string): void {
    this.editor.remove();
    this.write(text);
    this.board.wake();
  }

  /** Writes text as it is, whatever stands on the line: what the interpreter says of itself. */
  write(text: string): void {
    this.board.port.send(text.replaceAll("\n", "\r\n"));
  }

  // --- the input buffer

  arrived(bytes: string): void {
    // A break counts from its arrival on, before what came earlier has been handled.
    if (bytes.includes(BREAK) && !this.packets.active && !this.board.echo.locked) this.breakPending = true;
    this.board.wake();
  }

  overflowed(): void {
    this.overflow = true;
  }

  idle(): boolean {
    const { port, clock } = this.board;
    if (clock.now() < this.busyUntil) return false;
    const bytes = port.take(port.microsecondsPerByte === 0 ? Number.POSITIVE_INFINITY : SLOW_CHUNK);
    if (bytes === "") return false;
    for (const byte of bytes) {
      this.take(byte);
      // What was typed may have ended in a power cut.
      if (!this.alive) return true;
    }
    this.busyUntil = clock.now() + (bytes.length * port.microsecondsPerByte) / 1000;
    return true;
  }

  wakeAt(): number | undefined {
    return this.board.port.waiting ? Math.max(this.busyUntil, this.board.clock.now()) : undefined;
  }

  /** A break clears the line; prompt and line come back if something was printed. */
  endOfPass(): void {
    if (this.overflow) {
      this.overflow = false;
      this.print("New interpreter error: FIFO_FULL\n");
    }
    if (this.breakPending && !this.packets.active) {
      this.breakPending = false;
      this.editor.clear(true);
    }
    this.editor.restore();
  }

  // --- characters

  private take(byte: string): void {
    if (this.board.echo.locked) {
      this.takeOfPassword(byte);
      return;
    }
    if (this.packets.active) {
      if (byte === BREAK) this.breakPending = false;
      this.packets.take(byte);
      return;
    }
    const { state } = this;
    this.state = "plain";
    if (byte === "\0" || byte === BREAK) this.state = byte === "\0" ? "plain" : state;
    else if (byte === "\x01") this.startOfPacket(state);
    else if (byte === "\x05") this.enquiry(state);
    else if (byte === "\x10") this.dataLinkEscape();
    else if (byte === "\x1b") this.state = "escape";
    else if (state === "escape") this.afterEscape(byte);
    else if (state === "escape-O") this.keypad(byte);
    else if (state === "escape-[") this.cursorKey(byte);
    else if (state === "escape-[-number") this.numberedKey(byte);
    else if (byte === "\b" || byte === "\x7f") this.editor.delete(true);
    // Of "\r\n" the second counts as a line too, an empty one (measured).
    else if (byte === "\r" || byte === "\n") this.newLine(true);
    else if (byte === "\t") this.tab();
    else if (byte >= " ") this.editor.insert(byte);
  }

  /** While the console is locked all there is are passwords, typed unseen (jsiHandleConsoleChar). */
  private takeOfPassword(byte: string): void {
    const { editor, board } = this;
    if (byte !== "\r" && byte !== "\n") {
      if (editor.text.length < LONGEST_PASSWORD) editor.append(byte);
      return;
    }
    const right = editor.text === board.password();
    editor.clear(false);
    board.echo.locked = !right;
    this.write(right ? "\n  Logged in.\n" : "\n  Invalid password\npassword>");
    if (!right) return;
    board.echo.lineRemoved = true;
    editor.restore();
  }

  private startOfPacket(state: State): void {
    this.state = state;
    if (state !== "after-16") return;
    this.state = "plain";
    this.board.echo.offForLine = false;
    this.packets.open();
  }

  private enquiry(state: State): void {
    this.state = state;
    if (this.editor.text === "") this.board.port.send(`${this.board.description}\r\n`);
  }

  private dataLinkEscape(): void {
    if (this.editor.text === "") this.board.echo.offForLine = true;
    this.state = "after-16";
  }

  private afterEscape(byte: string): void {
    if (byte === "O") this.state = "escape-O";
    else if (byte === "[") this.state = "escape-[";
    else if (byte === "\n") this.newLine(false);
  }

  private keypad(byte: string): void {
    const plain: Readonly<Record<string, string>> = { o: "/", j: "*", m: "-", k: "+", M: "\r" };
    if (byte === "F") this.editor.end();
    else if (byte === "H") this.editor.home();
    else if (plain[byte] !== undefined) this.take(plain[byte]);
  }

  private cursorKey(byte: string): void {
    const { editor } = this;
    if (/\d/.test(byte)) {
      this.number = Number(byte);
      this.state = "escape-[-number";
    } else if (byte === "D") editor.left();
    else if (byte === "C") editor.right();
    else if (byte === "A" || byte === "B") editor.upOrDown(byte === "B");
    else if (byte === "F") editor.end();
    else if (byte === "H") editor.home();
  }

  private numberedKey(byte: string): void {
    const { editor, number } = this;
    if (/\d/.test(byte)) {
      this.number = (10 * number + Number(byte)) & 0xffff;
      this.state = "escape-[-number";
    } else if (byte === "H" && number === 2) editor.clear(true);
    else if (byte === "~") {
      if (number === 1) editor.home();
      else if (number === 3) editor.delete(false);
      else if (number === 4) editor.end();
      else if (number === 5 || number === 6) editor.page(number === 6);
    }
  }

  private tab(): void {
    const { editor, board } = this;
    if (!board.echo.on) {
      editor.insert("    ");
      return;
    }
    const { missing, candidates } = completion(this.realm, editor.text, editor.cursor);
    if (candidates.length > 1) editor.showBelow(candidates);
    if (missing !== "") editor.insert(missing);
  }

  // --- lines

  private newLine(execute: boolean): void {
    const { editor } = this;
    if (execute && editor.atEnd && !isUnfinished(editor.text)) this.run();
    else editor.breakLine();
  }

  private run(): void {
    const { board, editor } = this;
    const { echo, port } = board;
    if (echo.on && !echo.lineRemoved) port.send("\r\n");
    if (!echo.offForLine) echo.lineRemoved = true;
    const line = editor.text.trimEnd();
    editor.clear(false);
    let failure: { thrown: Value } | undefined;
    let result = "";
    try {
      const value = board.evaluator.line(line);
      if (echo.on && line !== "") result = `=${formatted(this.realm, value, RESULT)}\n`;
    } catch (thrown) {
      failure = { thrown };
    }
    if (!this.alive) return;
    if (echo.on) editor.remember(line);
    this.write(result);
    if (failure) board.report(failure.thrown);
    echo.offForLine = false;
  }
}
