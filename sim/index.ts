/** The simulated board: everything others may use of it. */
export { type Board, type BoardOptions, createBoard } from "./board.ts";
export { type Alarm, type Clock, VirtualClock } from "./clock.ts";
export { ConsolePort, type ConsolePortOptions } from "./console/port.ts";
export { openConsolePty, type PtyConsole } from "./console/pty.ts";
export { type ConsoleOwner, serveConsoleOnTcp, type TcpConsole } from "./console/tcp.ts";
export { DriftingClock } from "./drifting-clock.ts";
export type { BoardEvent, BoardEventBody } from "./events.ts";
export type { BoardMemory } from "./memory/board-memory.ts";
export type { MeteredKind, MeteredMemory } from "./memory/meter.ts";
export type { Allocation } from "./memory/session-memory.ts";
export type { BoardPins } from "./outside-pins.ts";
export { type HostTime, Pacer } from "./pacer.ts";
export type { BoardProfile } from "./profile.ts";
export {
  FileStorage,
  type FlashLayout,
  LINUX_FLASH,
  MemoryStorage,
  type StorageMedium,
} from "./storage.ts";
export { WIFI_ANSWERS, type WifiAnswer, type WifiControl } from "./wifi.ts";
export { type BrokerPublication, EmbeddedBroker } from "./world/broker.ts";
export {
  createConditions,
  type NetworkConditions,
  type NetworkSettings,
  NO_FAULTS,
} from "./world/conditions.ts";
export { impair } from "./world/impairment.ts";
export { LoopbackNetwork, type LoopbackPeer } from "./world/loopback.ts";
export { ConnectFailure, LINK_ERRORS, type Link, type Network } from "./world/network.ts";
export { TcpNetwork } from "./world/tcp.ts";
