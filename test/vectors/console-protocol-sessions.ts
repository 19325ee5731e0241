// What uploaders send in the console sessions whose answers are recorded in console-transcripts.json: packets, text, load() and reset().

/** Bytes to send (one character a byte), or milliseconds to wait. */
export type Typed = string | number;

export interface ConsoleSession {
  title: string;
  steps: Typed[];
}

/** A packet of the console protocol. The interpreter for Linux takes the bytes 3 and 4 for Ctrl-C and Ctrl-D even in packets: none has them. */
export function packet(type: number, data: string): string {
  const word = (type << 13) | data.length;
  return `\x10\x01${String.fromCharCode(word >> 8, word & 255)}${data}`;
}

const EVAL = 1;
const EVENT = 2;
const FILE_SEND = 3;
const DATA = 4;
const FILE_RECEIVE = 5;

export const protocolSessions: ConsoleSession[] = [
  {
    title: "packets",
    steps: [
      packet(EVAL, "1+1  "),
      packet(EVAL, "print('Hello World')"),
      packet(EVAL, "nope1"),
      packet(EVAL, "x = 5;"),
      "x\n",
      packet(EVAL, "[1,2]"),
      packet(EVAL, "{a:1 }"),
      packet(EVAL, "1;2;3"),
      packet(EVAL, "undefined"),
      packet(EVAL, "'abc\\x01\"' + String(12)+1"),
      packet(EVAL, "({a:1.5,'b c':null,d:undefined,e(){}})"),
      packet(EVAL, "()=>1+1"),
      packet(EVAL, "new Uint8Array([1])"),
      packet(EVENT, "{hello:'world'}"),
      "E.on('packet',d=>print('packet', d));\n",
      packet(EVENT, "{hello:'world'}"),
      packet(EVENT, "badxx"),
      packet(EVENT, "[1,2,5]"),
      `abc${packet(EVAL, "1+1  ")}`,
      "\x7f\x7f\x7f7\n",
      packet(7, "11111"),
      packet(0, "11111"),
      "\x10\x01\x20\x051",
      5500,
      "2\n",
      "echo(0)\n",
      packet(EVAL, "1+1  "),
      packet(EVAL, "print(5)"),
      "echo(1)\n",
    ],
  },
  {
    title: "files in packets",
    steps: [
      packet(FILE_SEND, "{fn:'test',s:11}"),
      packet(DATA, "hello"),
      packet(DATA, " world"),
      packet(DATA, " world"),
      "require('Storage').read('test')\n",
      packet(FILE_RECEIVE, "{fn:'test'}"),
      packet(FILE_RECEIVE, "{fn:'none'}"),
      packet(FILE_SEND, "{fn:'te'}"),
      packet(FILE_SEND, "{fn:'big',s:0}"),
      packet(FILE_SEND, "{s:5}"),
      packet(FILE_SEND, "badd{"),
      packet(FILE_SEND, '{"fn":"quoted","s":5}'),
      packet(DATA, "\x00\x10\x01\xff\x13"),
      packet(FILE_RECEIVE, "{fn:'quoted'}"),
      "E.on('packetUpload',e=>print(e))\n",
      packet(FILE_SEND, "{fn:'u',s:5}"),
      packet(DATA, "hello"),
      packet(FILE_SEND, "{fn:'test',s:11}"),
      packet(DATA, "hello world!"),
    ],
  },
  {
    title: "a file that is given up after ten seconds",
    steps: [packet(FILE_SEND, "{fn:'b',s:10}"), packet(DATA, "hello"), 10_500, packet(DATA, "world")],
  },
  {
    title: "an upload in text, load() and reset()",
    steps: [
      "var q=7\n",
      "load()\n",
      "q\n",
      '\x10require("Storage").write(".bootcde","print(\\"boot\\");",0,26);\n',
      '\x10require("Storage").write(".bootcde","b=1;c=[2,3];",14);\n',
      "load()\n",
      "b\n",
      "\x10load()\n",
      "reset()\n",
      "typeof b\n",
      "\x10reset();\n",
      "\x10print()\n",
      "load()\n",
      "print('x');reset();print('y');b=4\n",
      "save()\n",
      "reset(true)\n",
      "load()\n",
      "E.setBootCode('print(\"B2\")')\n",
      "dump()\n",
      "load()\n",
      "E.setBootCode('print(\"B3\")',true)\n",
      "reset()\n",
      "require('Storage').list()\n",
      "E.setBootCode()\n",
      "require('Storage').list()\n",
      "require('Storage').write('app','print(\"app\",__FILE__);global.z=3;')\n",
      "load('app')\n",
      "z\n",
      "load('none')\n",
      "E.on('kill',()=>print('killed'))\n",
      "load()\n",
      "echo(0)\n",
      "load()\n",
      "1+1\n",
      "reset()\n",
      "1+1\n",
    ],
  },
  {
    title: "dump()",
    steps: [
      "function foo(a,b) { return a+b; }\n",
      "var o={x:1,y:[1,2],z:function(){return 5}}\n",
      "let bb=7\n",
      "setInterval(foo,1000)\n",
      "setInterval('print(1)',60000)\n",
      "dump()\n",
    ],
  },
];
