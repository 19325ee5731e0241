/** The web socket to the server of the page: comes back by itself, and knows what became of each request. */
import { SOCKET_PATH, type ToPage, type ToServer } from "../protocol.ts";

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 2000;

type Request = ToServer extends infer Each ? (Each extends ToServer ? Omit<Each, "id"> : never) : never;

interface Waiting {
  resolve: () => void;
  reject: (error: Error) => void;
}

export class Connection {
  private readonly heard: (message: Exclude<ToPage, { type: "answer" }>) => void;
  private readonly changed: (open: boolean) => void;
  private readonly waiting = new Map<number, Waiting>();
  private socket: WebSocket | undefined;
  private requests = 0;
  private retryMs = FIRST_RETRY_MS;

  constructor(
    heard: (message: Exclude<ToPage, { type: "answer" }>) => void,
    changed: (open: boolean) => void,
  ) {
    this.heard = heard;
    this.changed = changed;
    this.open();
  }

  /** @throws Error (the promise is rejected) with the server's sentence, or because the server is gone. */
  request(request: Request): Promise<void> {
    const { socket } = this;
    if (socket?.readyState !== WebSocket.OPEN)
      return Promise.reject(new Error("The simulation does not answer; nothing was done."));
    const id = ++this.requests;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      socket.send(JSON.stringify({ ...request, id }));
    });
  }

  private open(): void {
    const socket = new WebSocket(`ws://${location.host}${SOCKET_PATH}`);
    this.socket = socket;
    socket.onopen = () => {
      this.retryMs = FIRST_RETRY_MS;
      this.changed(true);
    };
    socket.onmessage = ({ data }) => this.message(JSON.parse(data));
    socket.onclose = () => {
      this.changed(false);
      for (const { reject } of this.waiting.values())
        reject(new Error("The simulation went away before it answered."));
      this.waiting.clear();
      setTimeout(() => this.open(), this.retryMs);
      this.retryMs = Math.min(2 * this.retryMs, LONGEST_RETRY_MS);
    };
  }

  private message(message: ToPage): void {
    if (message.type !== "answer") {
      this.heard(message);
      return;
    }
    const waiting = message.id === undefined ? undefined : this.waiting.get(message.id);
    if (message.id !== undefined) this.waiting.delete(message.id);
    if (message.error === undefined) waiting?.resolve();
    else waiting?.reject(new Error(message.error));
  }
}
