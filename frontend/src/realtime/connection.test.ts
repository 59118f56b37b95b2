import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Connection } from "@/realtime/connection";
import type { ConnectionStatus } from "@/realtime/connection";
import type { ServerMessage } from "@/realtime/protocol";
import { FakeSocket } from "@/test/FakeSocket";

let statuses: ConnectionStatus[];
let messages: ServerMessage[];
let refused: string[];
let connection: Connection;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
  statuses = [];
  messages = [];
  refused = [];
  connection = new Connection({
    path: "/ws/jobs",
    onStatus: (status) => statuses.push(status),
    onMessage: (message) => messages.push(message),
    onRefused: (sentence) => refused.push(sentence),
  });
  connection.start();
});

afterEach(() => {
  connection.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a connection", () => {
  test("says what can be done about a change that was too large, and connects again", () => {
    FakeSocket.last.accept();
    FakeSocket.last.onclose?.({ code: 4413 });
    expect(refused).toEqual([
      "A change was too large to be sent to the others. Undo it, or make it in smaller steps.",
    ]);
    expect(connection.status).toEqual({ kind: "reconnecting", attempt: 1 });
    vi.advanceTimersByTime(1_000);
    FakeSocket.last.accept();
    FakeSocket.last.onclose?.({ code: 1006 });
    expect(refused).toHaveLength(1);
  });

  test("opens a socket on its own host and delivers what comes", () => {
    expect(FakeSocket.last.url).toBe(`ws://${location.host}/ws/jobs`);
    FakeSocket.last.accept();
    FakeSocket.last.deliver({ type: "resync" });
    expect(messages).toEqual([{ type: "resync" }]);
    expect(connection.status).toEqual({ kind: "online" });
  });

  test("comes back after the server restarted", () => {
    FakeSocket.last.accept();
    FakeSocket.last.hangUp(1012);
    expect(connection.status).toEqual({ kind: "reconnecting", attempt: 1 });
    vi.advanceTimersByTime(500);
    expect(FakeSocket.all).toHaveLength(2);
    FakeSocket.last.accept();
    expect(connection.status).toEqual({ kind: "online" });
  });

  test("waits longer after each failure, and never longer than 15 seconds", () => {
    const waits = Array.from({ length: 12 }, () => {
      FakeSocket.last.hangUp(1006);
      const opened = FakeSocket.all.length;
      let waited = 0;
      while (FakeSocket.all.length === opened) {
        vi.advanceTimersByTime(50);
        waited += 50;
      }
      return waited;
    });
    expect(waits[0]).toBeLessThanOrEqual(500);
    expect(waits.at(-1)).toBeGreaterThanOrEqual(7_500);
    expect(Math.max(...waits)).toBeLessThanOrEqual(15_000);
  });

  test.each([
    [4401, "not_signed_in"],
    [4403, "no_access"],
    [4404, "unknown_canvas"],
  ])("does not come back after %i", (code, reason) => {
    FakeSocket.last.accept();
    FakeSocket.last.hangUp(code);
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(connection.status).toEqual({ kind: "closed", reason });
  });

  test("notices a line on which nothing answers", () => {
    const first = FakeSocket.last;
    first.accept();
    vi.advanceTimersByTime(25_000);
    expect(first.sent).toEqual([{ type: "ping" }]);
    vi.advanceTimersByTime(10_000);
    expect(connection.status.kind).toBe("reconnecting");
  });

  test("is offline as soon as the browser says so, and back as soon as it says that", () => {
    FakeSocket.last.accept();
    window.dispatchEvent(new Event("offline"));
    expect(connection.status).toEqual({ kind: "reconnecting", attempt: 1 });
    for (let failures = 0; failures < 8; failures += 1) {
      vi.advanceTimersByTime(15_000);
      FakeSocket.last.hangUp(1006);
    }
    const opened = FakeSocket.all.length;
    window.dispatchEvent(new Event("online"));
    expect(FakeSocket.all).toHaveLength(opened + 1);
    // A network that comes and goes costs a short wait again, not the long one of before.
    FakeSocket.last.hangUp(1006);
    vi.advanceTimersByTime(500);
    expect(FakeSocket.all).toHaveLength(opened + 2);
    FakeSocket.last.accept();
    expect(connection.status).toEqual({ kind: "online" });
  });

  test("goes on trying where the browser is wrong about the network", () => {
    FakeSocket.last.accept();
    window.dispatchEvent(new Event("offline"));
    vi.advanceTimersByTime(500);
    FakeSocket.last.accept();
    expect(connection.status).toEqual({ kind: "online" });
  });

  test("gives up a try that began without a network", () => {
    FakeSocket.last.hangUp(1006);
    vi.advanceTimersByTime(500);
    const hanging = FakeSocket.last;
    window.dispatchEvent(new Event("online"));
    expect(FakeSocket.last).not.toBe(hanging);
    expect(hanging.readyState).toBe(FakeSocket.CLOSED);
  });

  test("asks at once whether a line still stands that the browser took through another network", () => {
    FakeSocket.last.accept();
    window.dispatchEvent(new Event("online"));
    expect(FakeSocket.last.sent).toEqual([{ type: "ping" }]);
    vi.advanceTimersByTime(10_000);
    expect(connection.status.kind).toBe("reconnecting");
  });

  test("keeps a line on which the server answers", () => {
    FakeSocket.last.accept();
    for (let pings = 0; pings < 5; pings += 1) {
      vi.advanceTimersByTime(25_000);
      FakeSocket.last.deliver({ type: "pong" });
    }
    expect(FakeSocket.all).toHaveLength(1);
    expect(messages).toEqual([]);
  });

  test("says that nothing was sent while there is no line", () => {
    expect(connection.send({ type: "ping" })).toBe(false);
    FakeSocket.last.accept();
    expect(connection.send({ type: "ping" })).toBe(true);
  });

  test("is silent after it was stopped", () => {
    FakeSocket.last.accept();
    const socket = FakeSocket.last;
    connection.stop();
    socket.deliver({ type: "resync" });
    socket.hangUp(1006);
    window.dispatchEvent(new Event("offline"));
    window.dispatchEvent(new Event("online"));
    vi.advanceTimersByTime(60_000);
    expect(messages).toEqual([]);
    expect(FakeSocket.all).toHaveLength(1);
  });

  test("that is stopped while it opens goes as soon as it is open, without a word", () => {
    const socket = FakeSocket.last;
    connection.stop();
    expect(socket.readyState).toBe(FakeSocket.CONNECTING);
    socket.accept();
    expect(socket.readyState).toBe(FakeSocket.CLOSED);
    expect(statuses.at(-1)).toEqual({ kind: "closed", reason: "stopped" });
  });

  test("that is stopped while it hangs goes after ten seconds", () => {
    const socket = FakeSocket.last;
    connection.stop();
    vi.advanceTimersByTime(10_000);
    expect(socket.readyState).toBe(FakeSocket.CLOSED);
  });
});
