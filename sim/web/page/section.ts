/** A part of the page that is drawn again only when something that it shows has changed. */
import { render, type TemplateResult } from "lit/html.js";

export class Section {
  private readonly place: HTMLElement;
  private readonly shows: () => readonly unknown[];
  private readonly view: () => TemplateResult | string;
  private shown: readonly unknown[] | undefined;

  /** `shows` gives all that `view` reads; what is changed there is put in place anew, never changed within. */
  constructor(place: HTMLElement, shows: () => readonly unknown[], view: () => TemplateResult | string) {
    this.place = place;
    this.shows = shows;
    this.view = view;
  }

  /** Returns whether there was something new. `isForced`: something was done on the page itself. */
  draw(isForced: boolean): boolean {
    const { shown } = this;
    const now = this.shows();
    if (!isForced && shown && now.every((value, index) => value === shown[index])) return false;
    this.shown = now;
    render(this.view(), this.place);
    return true;
  }
}
