// What runs on the board before a session's program, on simulator and interpreter alike: tells on the console what the program does, and takes the session's orders.

/** Begins each line that tells something; what a program prints itself comes as one of them. */
export const mark = "\u0010";

/** The control connection's port in a simulated network. */
export const controlPort = 1;

/**
 * Lines: `c` text printed, `p` a pin written, `n` a connect, `x` it failed, `o` it is open, `w` bytes handed to a socket, `r` bytes given to a
 * listener, `e` its end asked for, `d` drain, `q` error, `k` close told, `m` the session's own marks. Random numbers and the serial number are the
 * same everywhere; with `steps` timers and time stand still until an order comes.
 */
export function prelude(ports: { program: number; control: number }, steps: boolean): string {
  return `(function(){
var P=print,R=require,N=R("net"),J=JSON.stringify,B=btoa,D=digitalWrite,A=analogWrite,Q=Pin.prototype,I=setInterval;
function log(t){P("\\x10"+t)}
I(function(){},1e9);
global.print=function(t){log("c "+J(""+t))};
global.getSerial=function(){return "240ac4-000001"};
var z=1;Math.random=function(){z=(z*16807)%2147483647;return z/2147483647};
function pin(p,v){log("p "+p.toString()+" "+Math.round(v*1e6)/1e6)}
global.digitalWrite=function(p,v){D(p,v);pin(p,v?1:0)};
global.analogWrite=function(p,v,o){A(p,v,o);pin(p,Math.min(1,Math.max(0,v)))};
Q.set=function(){digitalWrite(this,1)};
Q.reset=function(){digitalWrite(this,0)};
Q.write=function(v){digitalWrite(this,v)};
var count=0;
function connect(o,f){
count++;
var n=count;
log("n "+n+" "+o.host+" "+o.port);
var s;
try{s=N.connect({host:"127.0.0.1",port:${ports.program}},function(){log("o "+n);if(f)f.apply(this,arguments)})}catch(e){log("x "+n+" "+e.message);throw e}
var w=s.write,g=s.on,q=s.end;
s.write=function(d){log("w "+n+" "+B(""+d));return w.call(s,d)};
s.end=function(d){log("e "+n+(d===undefined?"":" "+B(""+d)));return d===undefined?q.call(s):q.call(s,d)};
s.on=function(e,h){g.call(s,e,function(a){
if(e=="data")log("r "+n+" "+B(a));
else if(e=="close")log("k "+n+" "+a);
else if(e=="drain")log("d "+n);
else if(e=="error")log("q "+n+" "+a.code);
h.apply(s,arguments)})};
return s}
global.require=function(m){return m=="net"?{connect:connect}:R(m)};
var now=0,list=[],ids=0;
function add(f,ms,e,x){ids++;ms=ms>0.1?ms:0.1;list.push({i:ids,f:f,t:now+ms,e:e?ms:0,x:x});return ids}
function drop(i){list=list.filter(function(t){return t.i!=i})}
function advance(ms){
var end=now+ms;
for(;;){
var n=undefined;
list.forEach(function(t){if(t.t<=end&&(n===undefined||t.t<n.t))n=t});
if(n===undefined)break;
now=n.t;
if(n.e)n.t+=n.e;else drop(n.i);
n.f(n.x)}
now=end}
${
  steps
    ? `global.setTimeout=function(f,ms,x){return add(f,ms,0,x)};
global.setInterval=function(f,ms,x){return add(f,ms,1,x)};
global.clearTimeout=drop;global.clearInterval=drop;
global.getTime=function(){return now/1000};`
    : ""
}
var c=N.connect({host:"127.0.0.1",port:${ports.control}},function(){c.write("h\\n")}),t="";
c.on("data",function(d){
t+=d;
if(t[t.length-1]!="\\n")return;
var l=t.substr(0,t.length-1),k=l[0],v=l.substr(1);
t="";
c.write(k+"\\n");
if(k=="m")log("m "+v);
if(k=="a")advance(+v);
if(k=="e")eval(v)});
global.program=function(f){program=undefined;f()};
})();`;
}
