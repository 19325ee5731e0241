/** Carries out what the pages ask for. */
import type { Simulation } from "../simulation.ts";
import type { Control, ToServer } from "./protocol.ts";
import type { PageActions } from "./server.ts";

/** `Page` is whatever tells one page from another. */
export class Requests<Page extends object = object> {
  private readonly simulation: Simulation;
  private readonly actions: PageActions;
  private readonly changed: () => void;
  /** Pages on which the button is held down. */
  private readonly holding = new Set<Page>();

  /** `changed` is called when something was done that no event of the board tells of. */
  constructor(simulation: Simulation, actions: PageActions, changed: () => void) {
    this.simulation = simulation;
    this.actions = actions;
    this.changed = changed;
  }

  get held(): boolean {
    return this.holding.size > 0;
  }

  /** @throws Error (the promise is rejected) with one sentence for the person at the page. */
  async carryOut(request: Exclude<ToServer, { type: "watch" }>, page: Page): Promise<void> {
    if (request.type === "control") await this.control(request);
    else if (request.type === "hold") await this.hold(page, request.down);
    else await this.atThisMoment(() => this.actions.perform(request.step));
    this.changed();
  }

  /** The page is gone, and with it the finger on the button; nobody is left to be told of a failure. */
  leave(page: Page): void {
    this.hold(page, false).catch(() => {});
  }

  private async hold(page: Page, down: boolean): Promise<void> {
    const { lamp } = this.simulation;
    const button = lamp?.button;
    if (down && !button)
      throw new Error(lamp ? "this lamp has no button" : "the program on this board is no lamp");
    const before = this.held;
    if (down) this.holding.add(page);
    else this.holding.delete(page);
    if (this.held === before) return;
    // The lamp that is on the board by now may have none.
    if (button) await this.atThisMoment(() => this.actions.perform({ press: down ? "hold" : "release" }));
    this.changed();
  }

  private async control(request: Control): Promise<void> {
    const { pacer, board } = this.simulation;
    switch (request.control) {
      case "pause":
        return pacer.pause();
      case "resume":
        return pacer.resume();
      case "step":
        await pacer.step();
        return;
      case "speed":
        pacer.speed = request.factor;
        return;
      case "reboot":
        return this.atThisMoment(async () => board.boot());
    }
  }

  /** At the board time of this moment, when board time follows real time; at once when it stands still. */
  private atThisMoment(run: () => Promise<void>): Promise<void> {
    const { clock } = this.simulation;
    if (clock.outsideNow === undefined) return run();
    return new Promise((resolve, reject) => {
      clock.fromOutside(() => {
        run().then(resolve, reject);
      });
    });
  }
}
