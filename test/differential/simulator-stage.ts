// A session's stage in the simulator: a network inside the process, time that jumps.
import {
  type Board,
  createBoard,
  LoopbackNetwork,
  type LoopbackPeer,
  VirtualClock,
} from "../../sim/index.ts";
import { controlPort } from "./prelude.ts";
import type { Listeners, Peer, Ports, Stage } from "./stage.ts";

const programPort = 1883;
/** Board time between two looks at a condition. */
const stepMs = 1;

export class SimulatorStage implements Stage {
  readonly name = "simulator";
  private readonly clock = new VirtualClock();
  private readonly network = new LoopbackNetwork(this.clock);
  private board: Board | undefined;
  private accept: ((peer: LoopbackPeer) => void) | undefined;
  private unlisten: (() => void) | undefined;

  get lines(): readonly string[] {
    return this.board?.console ?? [];
  }

  async launch(listeners: Listeners, program: (ports: Ports) => string): Promise<void> {
    this.network.listen(controlPort, (peer) => listeners.control(peerOf(peer)));
    this.accept = (peer) => listeners.program(peerOf(peer));
    await this.refuse(false);
    this.board = createBoard({
      profile: { name: "linux", wifi: false },
      bundle: program({ program: programPort, control: controlPort }),
      clock: this.clock,
      network: this.network,
    });
    this.board.boot();
  }

  async refuse(on: boolean): Promise<void> {
    this.unlisten?.();
    this.unlisten = on || !this.accept ? undefined : this.network.listen(programPort, this.accept);
  }

  async until(condition: () => boolean, what: string, withinMs = 60_000): Promise<void> {
    const end = this.clock.now() + withinMs;
    while (!condition()) {
      if (this.clock.now() > end) throw new Error(`not within ${withinMs} ms in the simulator: ${what}`);
      this.clock.runUntil(this.clock.now() + stepMs);
    }
  }

  async pause(ms: number): Promise<void> {
    this.clock.runUntil(this.clock.now() + ms);
  }

  async close(): Promise<void> {
    this.board?.powerOff();
  }
}

function peerOf(loopback: LoopbackPeer): Peer {
  const peer: Peer = {
    send: (bytes) => loopback.send(bytes),
    end: () => loopback.end(),
    reset: () => loopback.fail(),
    onData: () => {},
    onClose: () => {},
  };
  loopback.onData = (bytes) => peer.onData(bytes);
  loopback.onClose = () => peer.onClose();
  return peer;
}
