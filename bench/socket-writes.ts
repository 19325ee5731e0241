// How often the lamp hands bytes to its socket for each chunk it receives, counted on the real interpreter.
import { performance } from "node:perf_hooks";
import { ScriptedBroker } from "../test/broker/scripted-broker.ts";
import { listenForQuestions, startEspruino } from "../test/drivers/espruino-process.ts";
import type { Candidate } from "./candidates.ts";
import { AnswerCount, commandsBackToBack, waitUntilOnline } from "./command-time.ts";

/** Counts chunks and writes of every socket that `net.connect` makes; the wire cannot show them, it joins small writes. */
const countOnSockets = `var socketCounts=[0,0];(function(){
var net=require("net"),connect=net.connect;
net.connect=function(options,opened){
var socket=connect.call(net,options,opened),write=socket.write;
socket.on("data",function(){socketCounts[0]++});
socket.write=function(bytes){socketCounts[1]++;return write.call(socket,bytes)};
return socket};
})();`.replace(/\n/g, "");

export interface SocketCounts {
  chunks: number;
  writes: number;
}

/** Chunks received and writes made while `commands` commands come back to back. Throws when nothing could be counted. */
export async function countSocketWrites(options: {
  interpreter: string;
  candidate: Candidate;
  port: number;
  commands: number;
}): Promise<SocketCounts> {
  const { interpreter, candidate, port, commands } = options;
  const answers = new AnswerCount();
  const broker = new ScriptedBroker({
    afterChunk() {
      answers.lastChange = performance.now();
    },
  });
  broker.keepPackets = false;
  await broker.listen(port);
  const prelude = listenForQuestions + countOnSockets;
  const board = await startEspruino({ interpreter, bootCode: candidate.code, prelude });
  const counts = async () => (await board.evaluate("socketCounts.join()")).split(",").map(Number);
  try {
    await waitUntilOnline(broker, () => answers.lastChange, candidate.name);
    const [chunksBefore = 0, writesBefore = 0] = await counts();
    answers.lastChange = performance.now();
    broker.current.send(commandsBackToBack(commands, candidate.qos));
    while (performance.now() - answers.lastChange < 1_000)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const [chunks = 0, writes = 0] = await counts();
    if (chunks === chunksBefore) throw new Error("no chunk was counted");
    return { chunks: chunks - chunksBefore, writes: writes - writesBefore };
  } finally {
    await board.stop();
    await broker.stop();
  }
}
