/** What the page's gauges and switches show of a simulation: read, never kept. */
import type { Simulation } from "../simulation.ts";
import type { FaultState, Gauges, MemoryGauge, StorageGauge } from "./protocol.ts";

export function readGauges(simulation: Simulation): Gauges {
  const { board } = simulation;
  const { wifi } = board;
  return {
    ...(board.running ? { memory: readMemory(simulation) } : {}),
    timers: board.timers,
    listeners: board.listeners,
    sockets: board.sockets,
    ...(wifi?.connected ? { rssi: wifi.rssi } : {}),
    ...(Number.isNaN(board.temperature) ? {} : { temperature: board.temperature }),
    storage: readStorage(simulation),
  };
}

function readMemory({ board: { memory } }: Simulation): MemoryGauge {
  return { usage: memory.usage, total: memory.total, peak: memory.peak };
}

function readStorage({ board }: Simulation): StorageGauge {
  const { flash, files, writes } = board.storage;
  const { fileBytes, fileCount } = files.stats();
  const erased = [...flash.eraseCounts];
  return {
    usedBytes: fileBytes,
    totalBytes: flash.bytes,
    files: fileCount,
    writes,
    erases: erased.reduce((sum, count) => sum + count, 0),
    mostErased: Math.max(...erased),
  };
}

export function faultsOf({ board, broker, conditions }: Simulation): FaultState {
  const { wifi } = board;
  return {
    latencyMs: conditions.latencyMs,
    jitterMs: conditions.jitterMs,
    bandwidthBytesPerSecond: conditions.bandwidthBytesPerSecond,
    chunkBytes: conditions.chunkBytes,
    drainBytes: Number.isFinite(conditions.drainBytes) ? conditions.drainBytes : null,
    refuse: conditions.refuse,
    unknownHost: conditions.unknownHost,
    halfOpen: conditions.halfOpen,
    ...(wifi
      ? {
          accessPoint: wifi.reachable,
          weakSignal: wifi.weakSignal,
          wifiAnswer: wifi.answer,
          rssi: wifi.rssi,
        }
      : {}),
    ...(broker ? { broker: broker.running } : {}),
  };
}
