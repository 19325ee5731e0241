// What the benchmark compares with: Espruino's own MQTT module with a ten-line lamp, and the least JavaScript that could do it.
import { readFileSync } from "node:fs";
import { minify } from "terser";

export type Qos = 0 | 1 | 2;

/** A program for the board: `code` is what goes to `.bootcde`, minified. */
export interface Candidate {
  name: "wick" | "wick, states at QoS 0" | "module" | "floor";
  qos: Qos;
  code: string;
}

export const lampTopic = "home/office/lamp";
export const stateTopic = `${lampTopic}/state`;

async function minified(source: string, toplevel: boolean): Promise<string> {
  const { code } = await minify(source, { ecma: 2015, compress: { toplevel }, mangle: { toplevel } });
  if (!code) throw new Error("terser gave no code");
  return code;
}

/**
 * `modulePath` is a copy of Espruino's MQTT module, which is not part of this project. It is loaded as Espruino's own
 * tools load it when they are asked to save memory: a function handed to the module cache, its top-level names kept.
 * (Letting terser inline those names as well makes the module a third slower, and its text in a string costs more memory.)
 */
export async function espruinoModuleLamp(modulePath: string, port: number, qos: Qos): Promise<Candidate> {
  const lamp = `
var mqtt = require("MQTT").create("127.0.0.1", { port: ${port}, client_id: "module" });
mqtt.on("connected", function () { mqtt.subscribe("${lampTopic}", { qos: ${qos} }); });
mqtt.on("message", function (topic, message) {
  digitalWrite(D2, message == "on");
  mqtt.publish("${stateTopic}", message, { retain: true });
});
mqtt.connect();`;
  const module = readFileSync(modulePath, "utf8");
  const cached = `Modules.addCached("MQTT",function(){${await minified(module, false)}});`;
  return { name: "module", qos, code: cached + (await minified(lamp, false)) };
}

/**
 * No protocol at all: greeting bytes sent blindly, then packets of known length told apart by one character,
 * a pin written, a constant answer collected, one write a chunk.
 */
export async function floorLamp(port: number, qos: Qos): Promise<Candidate> {
  const bytes = (text: string) => JSON.stringify(text).replace(/\\u00/g, "\\x");
  const state = (word: string) => {
    const body = `\0${String.fromCharCode(stateTopic.length)}${stateTopic}${word}`;
    return bytes(`\x31${String.fromCharCode(body.length)}${body}`);
  };
  const connect = bytes("\x10\x11\0\x04MQTT\x04\x02\0\x3c\0\x05floor");
  const subscribe = bytes(`\x82\x15\0\x01\0\x10${lampTopic}${String.fromCharCode(qos)}`);
  const remaining = 2 + lampTopic.length + (qos > 0 ? 2 : 0) + 2;
  const idAt = 4 + lampTopic.length;
  const acknowledge = {
    0: "",
    1: `answer+="\\x40\\x02"+data.substr(at+${idAt},2);`,
    2: `answer+="\\x50\\x02"+data.substr(at+${idAt},2);`,
  }[qos];
  const release =
    qos === 2 ? `if(data.charCodeAt(at)==98){answer+="\\x70\\x02"+data.substr(at+2,2);at+=4;continue;}` : "";
  // The longest packet must be there in whole, except that a last "on" or PUBREL is shorter: hence the two loops' bounds.
  const source = `(function(){
var rest="",ready=0;
var socket=require("net").connect({host:"127.0.0.1",port:${port}},function(){socket.write(${connect}+${subscribe})});
socket.on("data",function(data){
  if(!ready){ready=data.length>4;return;}
  data=rest+data;
  var at=0,answer="",end=data.length;
  while(at+1<end){
    var length=data.charCodeAt(at+1)+2;
    if(at+length>end)break;
    ${release}
    ${acknowledge}
    if(length==${remaining + 2}){digitalWrite(D2,1);answer+=${state("on")};}
    else{digitalWrite(D2,0);answer+=${state("off")};}
    at+=length;
  }
  rest=data.substr(at);
  socket.write(answer);
});
})()`;
  return { name: "floor", qos, code: await minified(source, true) };
}
