/** Programs that use Storage in every way, and what they left in the flash of Espruino 2v29.277 for Linux (test/sim-flash-interpreter.test.ts records and compares). */

export interface FlashProgram {
  readonly title: string;
  readonly program: string;
  /** SHA-256 of the 262,144 bytes of `espruino.flash` afterwards, and of what was printed, line by line. */
  readonly image: string;
  readonly printed: string;
}

/** Prints what a function gives or throws; shows at the end what is there. */
const head = `var s=require("Storage");
function t(f){try{var r=f();print(r===undefined?"undefined":JSON.stringify(r))}catch(e){print("! "+e)}}
function end(){print(s.list().join());s.list().forEach(function(n){print(n,JSON.stringify(s.read(n)).length)});print(JSON.stringify(s.getStats()))}
`;

function program(title: string, body: string, image: string, printed: string): FlashProgram {
  return { title, program: `${head}${body}\nend();\n`, image, printed };
}

/** Seed, image, what was printed. */
const CHURN: readonly [seed: number, image: string, printed: string][] = [
  [
    1,
    "22c54d7425e7ab01e0d41953f4aae696adbc3b69bd659380797646f3e6058d66",
    "2b63af117fa2f1672b0707fe0228e0ba8bc099b7142b888d86df3b4af9a40e3d",
  ],
  [
    2,
    "ef43d0f0aba793ccd7e806fdac873c538313880a3b2b84cc15fc553de0e8d2a2",
    "387efdf3d9716d4effcca5e1a3387934b3cd36cd5fab28cafd2016576b3eacb3",
  ],
];

export const flashPrograms: readonly FlashProgram[] = [
  program(
    "files that are new, the same again, replaced, erased",
    `t(function(){return s.write("a","one")});
t(function(){return s.write("a","one")});
t(function(){return s.write("b","\\0\\xff\\x80")});
t(function(){return s.write("a","two")});
t(function(){return s.write("a","longer than before")});
t(function(){return s.write("n".repeat(30),"cut at 28")});
t(function(){return s.write("C:drive","goes")});
t(function(){return s.erase("b")});
t(function(){return s.erase("nothing")});
t(function(){return s.write("empty","")});
t(function(){return s.write("none")});
t(function(){return s.write("object",{a:1,b:[1,"\\xff"]})});
t(function(){return s.write("bytes",[1,2,"ab",[3]])});
t(function(){return s.write("view",new Uint8Array([1,2,250]))});
t(function(){return s.write("number",65)});
t(function(){return s.read("a",2)});
t(function(){return s.read("a",2,3)});
t(function(){return s.read("a",-4,-3)});
t(function(){return s.read("a",99)});
t(function(){return s.read("a",15,99)});
t(function(){return s.list(/^n/)});
t(function(){return s.getFree()});`,
    "3fb15130c41c571b29de47c9a2d408f241a7f191a7719a720c423635d3c4de6a",
    "f739597219af8cda19465c7b3414f52def1fe10feb8025e471a82a2d26b5dda1",
  ),
  program(
    "a file written in pieces",
    `t(function(){return s.write("p","Hello",0,14)});
t(function(){return s.read("p")});
t(function(){return s.write("p"," ",5)});
t(function(){return s.write("p","World!!!",6)});
t(function(){return s.write("p","X",6)});
t(function(){return s.write("p","too long",10)});
t(function(){return s.write("p","past the end",20)});
t(function(){return s.write("p","x",-1)});
t(function(){return s.write("other","x",3,9)});
t(function(){return s.write("short","more than fits",0,4)});
t(function(){return s.read("short")});
t(function(){return s.write("blank","",0,100)});
t(function(){return s.write("blank","y".repeat(100))});
t(function(){return s.write("p","\\xff\\xff\\xff",0,14)});
t(function(){return s.write("p","filled",0,14)});
t(function(){return s.write("p"," ",0)});`,
    "4b22cd398b4696064150afdb48bed7d66abedee78e8e12f3f2f840590d8479c8",
    "12b46cce90e71ebb04132b15083660510d758dea12a605cb31fd8e5344ce9f34",
  ),
  program(
    "JSON, with the shortest escapes",
    `var v={7:3,plain:1,"with blank":2,$d_:4,_x9:5,"007":5,"-1":6,u:undefined,f:function(){},n:null,t:true,x:-1.5e-9,nan:NaN,inf:1/0,
d:[undefined,[],{}],s:"\\0\\x01\\x07\\x0e\\x1f \\x7f\\x80\\xff\\"'\\\\\\n\\t\\b\\v\\f\\r",o:"\\x017",a:new Uint8Array([1,2])};
t(function(){return s.writeJSON("v",v)});
t(function(){return s.read("v")});
t(function(){return s.readJSON("v")});
t(function(){return s.writeJSON("odd",[function(){}])});t(function(){return s.read("odd")});t(function(){return s.readJSON("odd")});
[1,"s",null,[1],[],{},true].forEach(function(value,i){t(function(){return s.writeJSON("w"+i,value)});t(function(){return s.readJSON("w"+i)})});
t(function(){return s.write("bad","{a:")});
t(function(){return s.readJSON("bad")});
t(function(){return s.readJSON("bad",true)});
t(function(){return s.readJSON("nope")});`,
    "3af8f76b42589da59bc0cda8670ce1d49ae477fee7723f26189df77f8364ea07",
    "e9a5388cdd37f4cabec7db32020cbc697d214ba87f96c4f13f85e4106a7294ab",
  ),
  program(
    "files that grow",
    `var f=s.open("log","w");
t(function(){return f.write("line one\\nline two\\n")});
t(function(){return f.write("y".repeat(960)+"\\nlast")});
t(function(){return [f.chunk,f.offset,f.mode,f.getLength()]});
f=s.open("log","a");t(function(){return f.write(" word")});
t(function(){return [f.chunk,f.offset,f.getLength()]});
t(function(){return f.read(3)});
f=s.open("log","r");
t(function(){return f.readLine()});t(function(){return f.read(4)});t(function(){return f.readLine()});t(function(){return f.readLine().length});
t(function(){return f.readLine()});t(function(){return f.readLine()});t(function(){return f.read(1)});
t(function(){return f.write("x")});
t(function(){return s.list().map(function(n){return n.length})});t(function(){return s.list(undefined,{sf:true})});t(function(){return s.list(undefined,{sf:false})});
f=s.open("exact","w");t(function(){return f.write("z".repeat(991))});t(function(){return f.write("z")});t(function(){return [f.chunk,f.offset,f.mode]});
f=s.open("exact","a");t(function(){return [f.chunk,f.offset]});t(function(){return f.write("more")});
f=s.open("huge","w");t(function(){return f.write("z".repeat(1000))});t(function(){return f.write("z")});
t(function(){return s.open("log","x")});
f=s.open("m".repeat(40),"w");t(function(){return f.write("long name")});t(function(){return [f.name.length,f.getLength()]});
f=s.open("log","w");t(function(){return f.write("anew")});
s.open("exact","r").erase();`,
    "1392c65d54c43b83b3281747d37ac5447a3904c027adb1074a59675bc3ad6a06",
    "9f2120c3ba3f081ddfc03f04ca29bbfe06b361043e2c37ac3dddbcbc2b580861",
  ),
  program(
    "boot code",
    `E.setBootCode("print(1)");E.setBootCode("print(22)",true);E.setBootCode("print(333)");E.setBootCode("print(22)",true);E.setBootCode("print(4444)");`,
    "742b654cb4179d6b61317a0946cecd428241572bbc27cab5b6e5a354d2d79093",
    "244e0f2c2564eaecbf32c2d035b2d5084cb1d3f01a570b54fc7956b9b857bbf9",
  ),
  program(
    "a flash filled to the end, and what a write without room does",
    `for(var i=0;i<36;i++)s.write("f"+i,(i+":").repeat(3000).substr(0,7000));
t(function(){return s.getFree()});
s.write("small","old");
t(function(){return s.write("rest","r".repeat(s.getFree()-70))});
t(function(){return s.getFree()});
t(function(){return s.write("small","larger than what it replaces, and there is no room")});
t(function(){return s.read("small")});
t(function(){return s.write("x","x".repeat(30))});
t(function(){return s.write("y","y")});
t(function(){return s.erase("f3")});
t(function(){return s.write("f20","n".repeat(6000))});
t(function(){return s.getStats()});
for(var i=0;i<36;i+=2)s.erase("f"+i);
t(function(){return s.compact()});
t(function(){return s.compact()});
t(function(){return s.write("after","a".repeat(5000))});`,
    "70d1dba90db66bcff506a44a965ff48bf5e505633b8bf19242a4be1503901e14",
    "9d0bb958dd0098d4e006d1722474873af33fb0aadad25ad691173272f94f93b8",
  ),
  program(
    "more than 200 files, so that a table of names is made",
    `for(var i=0;i<150;i++)s.write("m"+i,"content "+i);
for(var i=0;i<60;i++)s.write("m"+i,"changed "+(i+1000));
t(function(){return s.list(/FILENAME/)});t(function(){return s.read("m3")});t(function(){return s.read("m100")});t(function(){return s.read("m149")});
for(var i=20;i<150;i++)s.write("m"+i,"again "+i);
for(var i=0;i<140;i++)s.erase("m"+i);
t(function(){return s.getStats()});t(function(){return s.optimise()});t(function(){return s.getStats()});
t(function(){return s.compact()});t(function(){return s.optimise()});t(function(){return s.write("m145","z")});`,
    "97fb82519ba4c428d4d78b701c080be8b2e77d1ba177f4f6eac9844678721057",
    "52bedc15c565f936aecb83bf69c18c22bdf333e97bb1699552e2ed5aef2468c1",
  ),
  program(
    "eraseAll",
    `s.write("a","1");s.write("b","2");s.eraseAll();s.write("c","3");`,
    "6fed6fde08d787b59b0b6452995f7189696df3197571da2c7c760c22b0cc010e",
    "7c2f55d7e8d51d53f955a95f85112b248c403428f548a465da42f31229779dcf",
  ),
  ...CHURN.map(([seed, image, printed]) =>
    program(
      `250 writes, replacements, pieces and erasures by chance (${seed})`,
      `var r=${seed};function n(k){r=(r*1103515245+12345)&0x7fffffff;return (r>>8)%k}
for(var i=0;i<250;i++){var k="k"+n(12),size=n(5)?n(900)+1:n(9000)+1,c=String.fromCharCode(97+n(26));
switch(n(9)){
case 0:s.erase(k);break;
case 1:try{s.write(k,c.repeat(8),0,size);s.write(k,c,8+n(20))}catch(e){print(i+" "+e)}break;
case 2:s.open("log"+n(3),"a").write(c.repeat(1+n(200))+"\\n");break;
case 3:if(!n(30))s.compact();break;
default:try{s.write(k,c.repeat(size))}catch(e){print(i+" "+e)}
}}`,
      image,
      printed,
    ),
  ),
];
