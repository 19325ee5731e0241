/** A mistake in the configuration or a board profile: exit code 2. */

/** The message is one line for each mistake: file and key, what was found, what is allowed, how to put it right. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
