/** Ctrl-C, SIGTERM and a reader who has gone away end what runs in good order instead of the process. */

/** Runs `run` with a signal that is aborted then; it returns in its own time. */
export async function untilSignal<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const unread = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") throw error;
    controller.abort();
  };
  process.on("SIGINT", abort);
  process.on("SIGTERM", abort);
  process.stdout.on("error", unread);
  try {
    return await run(controller.signal);
  } finally {
    process.removeListener("SIGINT", abort);
    process.removeListener("SIGTERM", abort);
    process.stdout.removeListener("error", unread);
  }
}
