/** What every kind of cable does alike: tells its listeners of bytes, and once that it is gone. */
import { PortGone } from "../console/port.ts";

export class Listeners {
  /** Why the cable is gone, once it is. */
  reason: string | undefined;
  private readonly ofBytes = new Set<(bytes: Uint8Array) => void>();
  private readonly ofEnd = new Set<(reason: string) => void>();
  private readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  onBytes(listener: (bytes: Uint8Array) => void): () => void {
    this.ofBytes.add(listener);
    return () => this.ofBytes.delete(listener);
  }

  onGone(listener: (reason: string) => void): () => void {
    this.ofEnd.add(listener);
    return () => this.ofEnd.delete(listener);
  }

  bytes(bytes: Uint8Array): void {
    for (const listener of [...this.ofBytes]) listener(bytes);
  }

  /** Tells of the end, the first time only. */
  gone(reason: string): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    for (const listener of [...this.ofEnd]) listener(reason);
  }

  /** We closed it: nobody is told. */
  closed(): void {
    this.reason ??= "it was closed";
  }

  /** @throws PortGone when it is. */
  check(): void {
    if (this.reason !== undefined) throw new PortGone(this.name, this.reason);
  }
}
