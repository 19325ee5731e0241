// Programs that fail, as the loader starts them from lamp.a. What the interpreter says of each stands in stored-errors.json.

/** What is written to Storage beside the loader. */
export interface FailingProgram {
  readonly title: string;
  readonly program: string;
}

/** In a program: the TCP port, of five digits, of somebody who after 60 ms says "hi" and after another 60 ms hangs up. */
export const GREETER_PORT = "{port}";

/** For so long each runs. */
export const failingProgramsMs = 300;

export const failingPrograms: readonly FailingProgram[] = [
  {
    title: "nested functions in a timer",
    program:
      "function foo(a){return a.x}function bar(){foo(null)}setTimeout(function(){bar()},20);setTimeout(()=>bar(),60)",
  },
  {
    title: "while it is started, with the frame of the loader",
    program: 'print("hi");function f(){g()}function g(){throw new TypeError("bad")}f()',
  },
  {
    title: "on a later line of a program whose first is long",
    program:
      'print("hi");let s="a string that is long enough to make this first line longer than sixty characters in all";\nlet o={};\n  o.x.y.z=1;print("never")',
  },
  {
    title: "methods, getters and arrow functions go by the name they are called by",
    program:
      'var l=()=>{throw new Error("x")},o={get g(){return l()},m:function(){return o.g}};setTimeout(function(){o.m()},20);setTimeout(()=>o.m()+1,60)',
  },
  {
    title: "a callback goes by the name of the parameter; what the interpreter calls has none",
    program:
      'function q(cb){return cb(1)}setTimeout(()=>{q(t=>t.u.v)},20);setTimeout(()=>q(function(t){t.u.v}),60);setTimeout(function(){[3,1].sort(function(a,b){return a.x.y})},100);setTimeout(()=>"abc".replace(/b/,()=>zz()),140)',
  },
  {
    title: "blocks, blanks, conditions",
    program:
      "var x;setTimeout(()=>{if(x)print(1);else{x=1;for(let i=0;i<2;i++)if(i==1)x.foo()}},20);setTimeout(()=>{  x.foo.bar ;  },60);setTimeout(()=>x.a.b?1:2,100);setTimeout(()=>{var t=1;return t.q.r},140)",
  },
  {
    title: "classes",
    program:
      "class A{constructor(p){this.p=p}run(){return this.p.q.r}static s(){return nope}}setTimeout(()=>new A(1).run(),20);setTimeout(()=>A.s(),60);setTimeout(()=>{const a=1;a.b.c=2},100)",
  },
  {
    title: "errors that were caught and thrown again, finally, and what is no error",
    program:
      'process.on("x",function(a){a.b.c});setTimeout(()=>process.emit("x",1),20);setTimeout(()=>{try{z.z}catch(e){throw e}},60);setTimeout(()=>{try{z.z}finally{print(1)}},100);setTimeout(()=>{throw "text"},140);setTimeout(()=>{throw {a:1}},180)',
  },
  {
    title: "recursion, computed names, a function called without its object",
    program:
      'function a(n){return n?a(n-1):n.x.y}setTimeout(()=>a(3),20);var h={on(){return this.k.l}};setTimeout(()=>h.on(),60);setTimeout(()=>h["on"](),100);setTimeout(()=>(0,h.on)(),140);setTimeout(()=>{(()=>{q()})()},180)',
  },
  {
    title: "long lines are cut to what is around the place",
    program:
      'setTimeout(function(){var a="0123456789012345678901234567890123456789012345678901234567890123456789";a.b.c;print("0123456789012345678901234567890123456789012345678901234567890123456789")},20);setTimeout(function(){print("0123456789012345678901234567890123456789012345678901234567890123456789"),nn.o},60);setTimeout(()=>{nn.o;print("0123456789012345678901234567890123456789012345678901234567890123456789")},100)',
  },
  {
    title: "a constant, a name nobody knows, an unknown function",
    program:
      "function f(){const c=1;c=2}setTimeout(f,20);setTimeout(()=>{unknown(1,2)},60);setTimeout(()=>{var u;u()},100);setTimeout(()=>{f.g.h()},140)",
  },
  {
    title: "callbacks of a socket",
    program: `require("net").connect({host:"127.0.0.1",port:${GREETER_PORT}},function(s){s.on("data",function(d){d.n.x});s.on("close",()=>gone());s.nothing.at.all})`,
  },
  {
    title: "promises",
    program: "new Promise(function(r){setTimeout(r,20)}).then(function(){var q;q.x()})",
  },
];
