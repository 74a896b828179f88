import { assertEquals, assertInstanceOf, assertStringIncludes, assertThrows } from "@std/assert";
import { test } from "node:test";
import { closest } from "../../../src/core/options/closest.ts";
import {
  checkBoolean,
  checkDictionary,
  checkFunction,
  checkNames,
  checkNumber,
  checkOneOf,
  checkString,
  checkTime,
} from "../../../src/core/options/validate.ts";
import { MAX_TIME } from "../../../src/core/timing/clock.ts";

const RULE = { min: -1.5, max: 2, unit: "apples" };

test("checkNumber() gives the fallback for undefined alone", () => {
  assertEquals(checkNumber("n", undefined, 7, RULE), 7);
  assertEquals(checkNumber("n", undefined, undefined, RULE), undefined);
  assertThrows(() => checkNumber("n", null, 7, RULE), TypeError, "got null");
});

test("checkNumber() allows both ends of the range and nothing beyond", () => {
  for (const value of [-1.5, 0, 2]) assertEquals(checkNumber("n", value, 7, RULE), value);
  for (const value of [-1.51, 2.01, NaN, Infinity, -Infinity]) {
    assertThrows(
      () => checkNumber("n", value, 7, RULE),
      RangeError,
      `n must be a number of apples from -1.5 to 2, got ${value}`,
    );
  }
});

test("checkNumber() with integer refuses fractions", () => {
  const rule = { min: 0, max: 9, integer: true };
  assertEquals(checkNumber("n", 3, 7, rule), 3);
  assertThrows(
    () => checkNumber("n", 3.5, 7, rule),
    RangeError,
    "n must be a whole number from 0 to 9, got 3.5",
  );
});

test("checkTime() has the least time that was given and a timer's longest", () => {
  assertEquals(MAX_TIME, 2 ** 31 - 1);
  assertEquals(checkTime("t", 0, 5), 0);
  assertThrows(() => checkTime("t", 0, 5, 1), RangeError, "from 1 to 2147483647");
  assertThrows(() => checkTime("t", MAX_TIME + 1, 5), RangeError, "milliseconds");
});

test("checkOneOf() tells a wrong word from a wrong type", () => {
  const allowed = ["a", "b"] as const;
  assertEquals(checkOneOf("x", "b", "a", allowed), "b");
  assertEquals(checkOneOf("x", undefined, "a", allowed), "a");
  const text = 'x must be one of "a", "b", got ';
  assertThrows(() => checkOneOf("x", "c", "a", allowed), RangeError, `${text}"c"`);
  assertThrows(() => checkOneOf("x", 3, "a", allowed), TypeError, `${text}3`);
});

test("checkBoolean() takes no truthy values", () => {
  assertEquals(checkBoolean("b", false, true), false);
  assertEquals(checkBoolean("b", undefined, true), true);
  for (const value of [0, 1, "", "true", null]) {
    assertThrows(() => checkBoolean("b", value, true), TypeError, "b must be true or false, got");
  }
});

test("checkString() refuses every control character, without showing the text", () => {
  for (const code of [...Array(32).keys(), 127, 128, 159]) {
    const check = () => checkString("s", `visible${String.fromCharCode(code)}`);
    const { message } = assertThrows(check, TypeError, "s must not have control characters");
    assertEquals(message.includes("visible"), false);
  }
  for (const text of ["", " ", "päß ☂ \u{1f600}", "%0d%0a"]) {
    assertEquals(checkString("s", text), text);
  }
});

test("checkFunction() gives the function itself", () => {
  const f = () => 1;
  assertEquals(checkFunction("f", f), f);
  assertEquals(checkFunction("f", undefined), undefined);
});

test("values of every kind are shown on one line", () => {
  const rows: readonly (readonly [unknown, string])[] = [
    ['a"b', '"a\\"b"'],
    [() => 1, "a function"],
    [{ a: 1 }, "an object"],
    [[1], "an array"],
    [null, "null"],
    [5n, "5"],
    [Symbol("s"), "Symbol(s)"],
  ];
  for (const [value, shown] of rows) {
    const { message } = assertThrows(() => checkBoolean("b", value, true), TypeError);
    assertEquals(message, `b must be true or false, got ${shown}`);
  }
});

test("checkNames() gives the object back when every name is known", () => {
  const value = { a: 1, b: undefined };
  assertEquals(checkNames("", value, ["a", "b", "c"]), value);
  assertEquals(checkNames("", undefined, ["a"]), {});
});

test("checkNames() does not take names of Object's own for known ones", () => {
  const value = { toString: 1, constructor: 2 };
  assertThrows(() => checkNames("p", value, ["delay"]), TypeError, 'unknown option "p.toString"');
});

test("checkDictionary() makes texts of numbers and booleans", () => {
  assertEquals(
    checkDictionary("d", { a: "x", b: 1.5, c: true, d: false, e: "", f: -0.25 }),
    { a: "x", b: "1.5", c: "1", d: "0", e: "", f: "-0.25" },
  );
  assertEquals(checkDictionary("d", undefined), {});
});

test("checkDictionary() names the entry that is wrong", () => {
  for (const value of [NaN, Infinity, null, undefined, {}, [], () => 1, 5n]) {
    assertThrows(
      () => checkDictionary("ffmpeg.format", { good: 1, bad: value }),
      TypeError,
      "ffmpeg.format.bad must be a string, a finite number or a boolean, got",
    );
  }
  const text = assertThrows(() => checkDictionary("d", { k: "a\nb" }), TypeError).message;
  assertStringIncludes(text, "d.k must not have control characters");
});

test("checkDictionary() takes an object alone", () => {
  for (const value of [null, "a=1", 5, ["a"]]) {
    const error = assertThrows(() => checkDictionary("d", value), TypeError);
    assertInstanceOf(error, TypeError);
    assertStringIncludes(error.message, "d must be an object of names and values, got");
  }
});

test("closest() finds a name with a letter missing, added, changed or swapped", () => {
  const known = ["transport", "openTimeout", "readTimeout", "loop"];
  for (const name of ["transort", "transsport", "transpart", "transprot", "TRANSPORT"]) {
    assertEquals(closest(name, known), "transport", name);
  }
  assertEquals(closest("openTimout", known), "openTimeout");
  assertEquals(closest("redTimeout", known), "readTimeout");
});

test("closest() finds nothing when no name is near", () => {
  assertEquals(closest("zzz", ["transport", "loop"]), undefined);
  assertEquals(closest("zzz", ["fit"]), undefined);
  assertEquals(closest("bufferPolicyOfTheSocket", ["transport", "loop"]), undefined);
  assertEquals(closest("x", []), undefined);
});
