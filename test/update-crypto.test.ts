// The board's hashes, as updates over the air use them: the same expressions on the simulated board and on the interpreter.
import { expect, test } from "vitest";
import { onEveryBoard } from "./drivers/index.ts";

const ofAbc = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";

/** What a program sees of each; `throws` where it is told otherwise. */
const cases: readonly [string, string][] = [
  ['btoa(c.SHA256("abc"))', ofAbc],
  ['btoa(c.SHA256(["a","bc"]))', ofAbc],
  ["btoa(c.SHA256([[97,[98]],new Uint8Array([99])]))", ofAbc],
  ["btoa(c.SHA256(new Uint8Array([97,98,99]).buffer))", ofAbc],
  ['btoa(c.SHA256(["ab",c.SHA256("abc")]))', "Wp6Gcl38jz/imMc3ZzV3t+YTb2FviIQ7Gjtkl1K0l6k="],
  ['btoa(c.SHA256(""))', "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="],
  ["btoa(c.SHA256([]))", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="],
  ['btoa(c.SHA256("\\xff\\x00\\x80"))', "7xkrevVOlD8garJwdewYBThMlyyZWfxYIPH6fVJo/O8="],
  ["btoa(c.SHA256([353]))", "ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs="],
  ["btoa(c.SHA256([-1]))", "qBAK5qoZQNC2Y7sxzUZhQuu9vVGHExuS2TgYmHgy64k="],
  ['btoa(c.SHA256({data:"ab",count:2}))', "pmcoJnX0h2Ah05KqZZLznav3GHSMS3OFY8udXcjyHyQ="],
  ["btoa(c.SHA256({callback:function(){return 97}}))", "ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs="],
  ["c.SHA256()", "undefined"],
  ["c.SHA256(null)", "TypeError: Expecting Number or iterable, got null"],
  ["c.SHA256([undefined])", "TypeError: Expecting Number or iterable, got undefined"],
  ['c.SHA1("abc").byteLength', "20"],
  ['btoa(c.SHA1("abc"))', "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="],
  ['btoa(c.SHA224("abc"))', "Iwl9IjQF2CKGQqR3vaJVsyqtvOS9oLP342ydpw=="],
  ['btoa(c.SHA384("abc"))', "ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn"],
  [
    'btoa(c.SHA512("abc"))',
    "3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==",
  ],
  [
    'btoa(c.PBKDF2("pass","salt",{keySize:8,iterations:10,hasher:"SHA256"}))',
    "HzY9k5/YLr7dx6OphELQE4OIcx+OhgRXSam0RWGoDug=",
  ],
  ['btoa(c.PBKDF2("pass","salt"))', "+K6uEn2qKh8SEqoFT4NYAg=="],
  ['c.PBKDF2("pass","salt",{hasher:"MD5"})', 'Error: Unknown Hasher "MD5"'],
  ['c.PBKDF2("pass")', "undefined"],
  ["btoa([1,2,300])", "AQIs"],
  ["btoa(new Uint8Array([1,2,255]))", "AQL/"],
  ["btoa({a:1})", "AQ=="],
  ['btoa("\\xff\\xfe")', "//4="],
  ["btoa(5)", "Error: Expecting String or Array, got Number"],
  ["btoa()", "Error: Expecting String or Array, got undefined"],
  // What the firmware makes of versions, and of messages that are none.
  [
    '[18e8,"11763900000"-1e10,Math.max(undefined-1e10||0,18e8)].join(" ")',
    "1800000000 1763900000 1800000000",
  ],
  [
    '"10000002000"-1e10+" "+("1000400"-1e6)+" "+!("x"-1e10>3)+" "+(""[0])+" "+"lamp.b"[5]',
    "2000 400 true undefined b",
  ],
];

onEveryBoard("hashes", (kind) => {
  test("give, take and refuse what the interpreter does", async () => {
    const driver = kind.create();
    try {
      const board = await driver.start({ bundle: "" });
      const seen: [string, string][] = [];
      for (const [expression] of cases) {
        const asked = `(function(c){try{return ""+(${expression})}catch(e){return ""+e}})(require("crypto"))`;
        seen.push([expression, await board.evaluate(asked)]);
      }
      expect(seen).toEqual(cases);
    } finally {
      await driver.close();
    }
  });
});
