/** The server of `make play`: no request ends it, and other machines do not reach it unless they are to. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { serve } from "../scripts/serve.mjs";

const SCRIPT = fileURLToPath(new URL("../scripts/serve.mjs", import.meta.url));

/** The first line that the server says to these bytes, or the code of an error. @param {number} port @param {string} bytes @param {string} [host] @returns {Promise<string>} */
const asked = (port, bytes, host = "127.0.0.1") => new Promise((resolve) => {
  let said = "";
  const socket = connect(port, host, () => socket.write(bytes));
  socket.setEncoding("latin1").on("data", (text) => (said += text)).on("error", (error) => (said ||= String(Reflect.get(error, "code")))).on("close", () => resolve(said.split("\r\n")[0]));
});
/** @param {string} line */
const request = (line) => `${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;

/** Runs the command until `act` is done. @param {string[]} given @param {(port: number, host: string) => Promise<void>} act */
async function whileServing(given, act) {
  const child = spawn(process.execPath, [SCRIPT, "0", ...given], { stdio: ["ignore", "pipe", "pipe"] });
  try {
    const printed = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
    const { port, hostname } = new URL(printed.value);
    await act(Number(port), hostname);
    assert.equal(child.exitCode, null, "it serves on");
  } finally {
    child.kill();
  }
}

test("requests that are none are answered or cut off, and the server goes on", async () => {
  await whileServing([], async (port, host) => {
    assert.equal(host, "localhost");
    for (const [line, expected] of /** @type {[string, RegExp][]} */ ([
      ["GET //", / 404 /], ["GET ///", / 404 /], ["GET //pkg/package.json", / 404 /], ["GET //[", / 404 /], ["GET http://", / 404 /], ["GET http://[/", / 404 /],
      ["GET *", / 404 /], ["GET /%", / 404 /], ["GET /%00", / 404 /], ["GET /pkg/", / 404 /], ["GET /pkg", / 404 /], ["GET /pkg/..%2f..%2fCargo.toml", / 404 /],
      ["GET /../Cargo.toml", / 404 /], ["GET /pkg/%2e%2e/Cargo.toml", / 404 /], ["OPTIONS *", / 405 /], ["POST /pkg/package.json", / 405 /], [`GET /${"a".repeat(9000)}`, / 404 /],
      [`GET /${"a".repeat(90_000)}`, / 431 |ECONNRESET|EPIPE/], ["no method at all", / 400 /],
    ])) {
      assert.match(await asked(port, request(line)), expected, line.slice(0, 60));
      assert.match(await asked(port, request("HEAD /pkg/package.json?x#y")), / 200 /, `after ${line.slice(0, 60)}`);
    }
    assert.match(await asked(port, "\0\x01\xff\r\n\r\n"), / 400 /);
    const page = await fetch(`http://localhost:${port}/pkg/package.json`);
    assert.equal((await page.json()).name, "ddq-playground");
  });
});

test("it listens on the loopback address unless it is given another", { skip: process.platform !== "linux" && "only Linux has all of 127.0.0.0/8 as loopback addresses" }, async () => {
  // 127.0.0.2 stands for every address of this machine that was not named.
  const reached = (/** @type {number} */ port) => asked(port, request("HEAD /pkg/package.json"), "127.0.0.2");
  const usual = await serve(0);
  try {
    assert.equal(await reached(usual.port), "ECONNREFUSED");
  } finally {
    usual.close();
  }
  await whileServing(["0.0.0.0"], async (port) => assert.match(await reached(port), / 200 /));
});
