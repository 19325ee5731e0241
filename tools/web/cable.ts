/** The simulated board's console at the other end of a web socket: the cable of the page in place of Bluetooth or USB. */
import type { WebSocket } from "ws";
import { Inlet } from "../../sim/console/inlet.ts";
import type { ConsoleOwner } from "../../sim/console/tcp.ts";

/** A board has one cable: a second page is sent away with this code. */
export const TAKEN = 4001;
/** More than a page has any reason to send ahead: it waits for what it wrote. */
const MOST_WAITING = 256 * 1024;

/** One page at a time; bytes are binary messages, both ways. */
export class CableEnd {
  private readonly owner: ConsoleOwner;
  private held: WebSocket | undefined;

  constructor(owner: ConsoleOwner) {
    this.owner = owner;
  }

  attach(socket: WebSocket): void {
    // Whoever was connected may go at any moment; "close" follows.
    socket.on("error", () => undefined);
    if (this.held) {
      socket.close(TAKEN, "another page holds the cable");
      return;
    }
    this.held = socket;
    const { board, clock } = this.owner;
    const detach = clock.attachOutside();
    const inlet = new Inlet(board.consolePort, clock);
    const stopOutput = board.consolePort.onOutput((bytes) => socket.send(Buffer.from(bytes, "latin1")));
    socket.on("message", (data, isBinary) => {
      if (!isBinary) socket.close(1003, "bytes only");
      else
        clock.fromOutside(() => {
          inlet.write(data.toString("latin1"));
          if (inlet.backlog > MOST_WAITING) socket.close(1009, "too much at once");
        });
    });
    socket.on("close", () => {
      this.held = undefined;
      stopOutput();
      clock.fromOutside(() => inlet.close());
      detach();
    });
  }
}
