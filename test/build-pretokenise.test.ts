/** Pre-tokenised programs: smaller, and the interpreter makes the same of them. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pretokenise } from "../tools/build/pretokenise.ts";

const interpreter = process.env.ESPRUINO_BIN;

describe("pre-tokenising", () => {
  test("writes words and operators as one byte, and leaves names, templates and regular expressions", () => {
    // LEX_R_THROW is 176, LEX_TYPEEQUAL 139, LEX_R_IF 163 in the interpreter's list.
    expect(pretokenise("if(a===b)throw a")).toBe("\u00a3(a\u008bb)\u00b0a");
    expect(pretokenise("x=`if ${a===1} return`")).toBe("x=`if ${a===1} return`");
    expect(pretokenise("x=/if|return/")).toBe("x=/if|return/");
  });

  test("keeps names, and signs in a row, apart", () => {
    expect(pretokenise("- -a")).toBe("- -a");
    expect(pretokenise("+ +a")).toBe("+ +a");
    expect(pretokenise("let a=1;typeof a in b")).toBe("\u00ada=1;\u00bfa\u00b9b");
  });

  test("writes numbers and texts raw where no zero byte comes of it", () => {
    expect(pretokenise("x=0")).toBe("x=\u00d3");
    expect(pretokenise("x=4000")).toBe("x=\u00d5\u00a0\u000f");
    expect(pretokenise("x=1024")).toBe("x=1024");
    expect(pretokenise('x="a\\nb"')).toBe("x=\u00d1\u0003a\nb");
    expect(pretokenise('x="a\\0b"')).toBe('x="a\\0b"');
  });
});

describe.skipIf(interpreter === undefined)("on the real interpreter (ESPRUINO_BIN)", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "wick-tokens-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs a program until it has printed a line that begins with "DONE", and returns that line. */
  function run(program: string): Promise<string> {
    writeFileSync(join(folder, "program"), program, "latin1");
    return new Promise((done, fail) => {
      const child = spawn(interpreter ?? "", ["program"], { cwd: folder });
      let console = "";
      child.stdout.on("data", (text) => {
        console += text;
        const line = /DONE.*(?=\r?\n)/.exec(console)?.[0];
        // It takes the end of its input for input, so it is ended and not left alone.
        if (line !== undefined) {
          child.kill("SIGKILL");
          done(line);
        } else if (/Uncaught/.test(console)) {
          child.kill("SIGKILL");
          fail(new Error(console));
        }
      });
      child.on("error", fail);
    });
  }

  test.each([
    ["numbers", "out=[0,7,127,128,255,256,300,32767,32768,40000,-5,- -5,1e3,.5,0x10]"],
    [
      "texts",
      'out=["","a","\\xe9".charCodeAt(0),"\\x00z".length,"a\\nb","\\u00ff".length,\'"\',"x".repeat(300).length]',
    ],
    ["templates", "out=[`a`,`a${1+1}b`,`${`in${2}`}`]"],
    ["operators", "var a=5;a+=2;a<<=1;a>>>=1;a|=8;out=[a,a==7,a!==15,a>=3&&a<=99,null??4,0||3,a++,--a,a%4]"],
    [
      "words",
      "out=[typeof out,5 in [],[] instanceof Array,void 0===undefined,!0,null];switch(1){case 1:out.push('one');break;default:out.push(0)}",
    ],
    [
      "loops",
      "out=[];for(var i=0;i<3;i++){if(i==1)continue;out.push(i)}do{i--}while(i);for(const x of[4,5])out.push(x);for(let k in{q:1})out.push(k)",
    ],
    [
      "functions",
      "class A{constructor(){this.a=1}get b(){return 2}static c(){return 3}}class B extends A{constructor(){super();this.d=4}}out=[new B().a,new B().b,A.c(),new B().d,(x=>x+1)(4)]",
    ],
    ["exceptions", "out=[];try{throw 4}catch(e){out.push(e)}finally{out.push(5)}delete out.x"],
    ["keys that are words", "out=[{if:3}.if,({delete:2})['delete']]"],
    ["regular expressions", "out=[/[a-z]+/.exec('0ab1')[0],4/2/1]"],
  ])("%s", async (_, text) => {
    const program = `var out;${text};print("DONE"+JSON.stringify(out));`;
    expect(await run(pretokenise(program))).toBe(await run(program));
  });
});
