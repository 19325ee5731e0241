/** Constructs of the language and how to tell whether the interpreter knows them: a text for each, and what it has to give. */

export interface Construct {
  /** Its key in interpreter.json: a node type of the syntax tree (ESTree), an operator, or a name of ours for what is neither. */
  readonly key: string;
  /** What people call it. */
  readonly words: string;
  /** A program text whose last expression is compared. */
  readonly text: string;
  /** What that gives, as text. */
  readonly gives: string;
}

const construct = (key: string, words: string, text: string, gives: string): Construct => ({
  key,
  words,
  text,
  gives,
});

/** Types of nodes of the syntax tree. */
export const nodes: readonly Construct[] = [
  construct("ObjectPattern", "destructuring", "var {a}={a:5};a", "5"),
  construct("ArrayPattern", "destructuring", "var [a]=[5];a", "5"),
  construct("AssignmentPattern", "a default value", "(function(a=5){return a})()", "5"),
  construct("RestElement", "a rest parameter", "(function(...a){return a.length})(1,2)", "2"),
  construct("SpreadElement", "spread (...)", "[...[1,2]].length", "2"),
  construct("PrivateIdentifier", "a private #member", "class A{#x=5;y(){return this.#x}}new A().y()", "5"),
  construct("YieldExpression", "yield", "var f=function*(){yield 5};f().next().value", "5"),
  construct("AwaitExpression", "await", "var f=async function(){await 1};typeof f()", "object"),
  construct("LabeledStatement", "a label", "var n=0;q:for(;;){for(;;){n++;break q}}n", "1"),
  construct("ChainExpression", "optional chaining (?.)", "var o;typeof o?.a", "undefined"),
  construct("WithStatement", "with", "var r;with({a:5}){r=a}r", "5"),
  construct(
    "MetaProperty",
    "new.target or import.meta",
    "function F(){this.t=new.target===F}new F().t",
    "true",
  ),
  construct("ImportExpression", "import()", "typeof import('Storage')", "object"),
  construct("StaticBlock", "a static block", "class A{static{A.x=5}}A.x", "5"),
  construct(
    "TaggedTemplateExpression",
    "a tagged template",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a program's text
    "(function(s,a){return s[0]+a+s[1]})`b${5}c`",
    "b5c",
  ),
  construct(
    "ClassDeclaration",
    "a class",
    "class A{constructor(){this.a=5}b(){return this.a}}new A().b()",
    "5",
  ),
  construct("ClassExpression", "a class as a value", "var A=class{b(){return 5}};new A().b()", "5"),
  construct("PropertyDefinition", "a class field", "class A{x=5}new A().x", "5"),
  construct("MethodDefinition", "a method of a class", "class A{static b(){return 5}}A.b()", "5"),
  construct(
    "Super",
    "super",
    "class A{b(){return 5}}class B extends A{b(){return super.b()}}new B().b()",
    "5",
  ),
  construct("ArrowFunctionExpression", "an arrow function", "[1,2].map(a=>a*2).join()", "2,4"),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a program's text
  construct("TemplateLiteral", "a template literal", "`a${1+1}b`", "a2b"),
  construct("ForOfStatement", "for..of", "var n=0;for(const a of [1,2])n+=a;n", "3"),
  construct("ForInStatement", "for..in", "var n='';for(var a in {b:1,c:2})n+=a;n", "bc"),
  construct("DoWhileStatement", "do..while", "var n=0;do{n++}while(n<3);n", "3"),
  construct(
    "SwitchStatement",
    "switch",
    "var n=0;switch(2){case 1:n=1;case 2:n+=2;case 3:n+=3;break;default:n=9}n",
    "5",
  ),
  construct("TryStatement", "try..finally", "var n=0;try{throw 1}catch(e){n+=e}finally{n+=2}n", "3"),
  construct("ConditionalExpression", "?:", "1>2?3:4", "4"),
  construct("SequenceExpression", "the comma operator", "(1,2)", "2"),
  construct("NewExpression", "new", "function F(){this.a=5}new F().a", "5"),
  construct("UpdateExpression", "++ and --", "var a=1;a++ + ++a - a--", "1"),
];

const binary = (operator: string, text: string, gives: string): Construct =>
  construct(operator, `the operator ${operator}`, text, gives);

/** It parses, and stops the board for somebody at its console to look around: nothing for a lamp. */
export const unwanted = { DebuggerStatement: "debugger (it stops the board)" };

/** Operators of two operands. */
export const operators: readonly Construct[] = [
  binary("**", "2**3", "8"),
  binary("**=", "var a=2;a**=3;a", "8"),
  binary("??", "undefined??5", "5"),
  binary("??=", "var a;a??=5;a", "5"),
  binary("||", "0||5", "5"),
  binary("||=", "var a=0;a||=5;a", "5"),
  binary("&&", "1&&5", "5"),
  binary("&&=", "var a=1;a&&=5;a", "5"),
  binary("===", "1==='1'", "false"),
  binary("!==", "1!=='1'", "true"),
  binary(">>>", "-1>>>28", "15"),
  binary(">>>=", "var a=-1;a>>>=28;a", "15"),
  binary(">>=", "var a=-8;a>>=1;a", "-4"),
  binary("<<=", "var a=1;a<<=4;a", "16"),
  binary("%", "-7%3", "-1"),
  binary("%=", "var a=7;a%=4;a", "3"),
  binary("^=", "var a=6;a^=3;a", "5"),
  binary("|=", "var a=6;a|=1;a", "7"),
  binary("&=", "var a=6;a&=3;a", "2"),
  binary("in", "'a' in {a:1}", "true"),
  binary("instanceof", "[] instanceof Array", "true"),
];

/** What is neither a type of node nor an operator. */
export const features: readonly Construct[] = [
  construct("asyncFunction", "an async function", "typeof (async function(){})()", "object"),
  construct("generatorFunction", "a generator function", "var f=function*(){};typeof f()", "object"),
  construct("computedKey", "a computed key [...]", "var k='a';({[k]:5}).a", "5"),
  construct("nameOf", "a variable called of", "var of=5;of", "5"),
  construct("forAwait", "for await", "var n=0;(async function(){for await(const a of [1])n=a})();n", "0"),
  construct("bigint", "a BigInt", "typeof 5n", "bigint"),
  construct(
    "lookAround",
    "look-around or a named group in a regular expression",
    "/a(?=b)/.test('ab')",
    "true",
  ),
  construct("codePointEscape", "the escape \\u{...}", `"\\u{41}"`, "A"),
  construct(
    "lengthAssignment",
    "an assignment to an array's .length",
    "var a=[1,2];a.length=1;a.length",
    "1",
  ),
  construct("getter", "a getter", "({get a(){return 5}}).a", "5"),
  construct("setter", "a setter", "var n;({set a(v){n=v}}).a=5;n", "5"),
  construct("shorthandProperty", "a shorthand property", "var a=5;({a}).a", "5"),
  construct("shorthandMethod", "a shorthand method", "({a(){return 5}}).a()", "5"),
  construct("catchWithoutBinding", "catch without a variable", "var n=0;try{throw 1}catch{n=5}n", "5"),
  construct("numericSeparator", "a numeric separator", "1_000", "1000"),
  construct("binaryNumber", "0b", "0b101", "5"),
  construct("octalNumber", "0o", "0o17", "15"),
  construct("trailingComma", "a comma after the last argument", "[1,2,].length+Math.max(1,2,)", "4"),
  construct("blockScope", "the scope of a block", "let a=1;{let a=2}a", "1"),
  construct(
    "constantAssignment",
    "an error at an assignment to a constant",
    "const a=1;try{a=2}catch(e){}a",
    "1",
  ),
  construct(
    "hoistedFunction",
    "a function used before its declaration",
    "var r=f();function f(){return 5}r",
    "5",
  ),
  construct(
    "hoistedVariable",
    "a variable used before its declaration",
    "var r=(function(){r=1;var r;return r})();r",
    "1",
  ),
  construct("defaultFirst", "default before a case", "var n=0;switch(1){default:n=9;break;case 1:n=5}n", "5"),
  construct(
    "arrowArguments",
    "arguments in an arrow function",
    "(function(){return (()=>arguments.length)()})(1,2)",
    "2",
  ),
  construct(
    "arrowSuper",
    "super in an arrow function",
    "class A{b(){return 5}}class B extends A{b(){return (()=>super.b())()}}new B().b()",
    "5",
  ),
  construct(
    "loopVariable",
    "a loop's variable that a function keeps and the loop's body changes",
    "var f=[];for(let i=0;i<4;i++){f.push(()=>i);i++}f[0]()",
    "1",
  ),
  construct(
    "reservedMember",
    "a reserved word as the name of a class's member",
    "class A{static of(){return 5}}A.of()",
    "5",
  ),
  construct(
    "extendsExpression",
    "extends with an expression",
    "class A{}class B extends (A){}typeof B",
    "function",
  ),
  construct(
    "regularExpressionFlags",
    "the flags g and i of a regular expression",
    "'aAb'.replace(/a/gi,'c')",
    "ccb",
  ),
  construct("lazyQuantifier", "a lazy quantifier in a regular expression", "/a+?/.exec('aaa')[0]", "a"),
  construct(
    "countedQuantifier",
    "a counted quantifier {n} in a regular expression",
    "/^a{2}$/.test('aa')",
    "true",
  ),
  construct("backReference", "a back reference in a regular expression", "/(a)\\1/.test('aa')", "true"),
  construct("repeatedGroup", "a quantifier after a group", "/(ab)+/.exec('abab')[0]", "abab"),
  construct("wordBoundary", "\\b in a regular expression", "/a\\b/.test('a b')", "true"),
  construct("codeInPattern", "\\x or \\u in a regular expression", "/\\x41/.test('A')", "true"),
  construct("nonCapturingGroup", "a non-capturing group", "/(?:a)(b)/.exec('ab')[1]", "b"),
  construct("objectSpread", "spread in an object", "var a={b:5};({...a}).b", "5"),
  construct("exponentLiteral", "an exponent in a number", "1e3+1.5E-1", "1000.15"),
  construct("automaticSemicolon", "a line end instead of a semicolon", "var a=5\nvar b=a\nb", "5"),
  construct("unicodeEscape", "the escape \\uXXXX", `"\\u0041"`, "A"),
];
