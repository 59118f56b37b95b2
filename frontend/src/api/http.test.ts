import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { getSession, signIn } from "@/api/endpoints";
import { ApiError, identityEvents, request } from "@/api/http";
import { z } from "@/lib/schema";

const SESSION = {
  user: { id: 1, username: "ada", name: "Ada" },
  provider: { name: "sketcher", label: "the built-in sketcher" },
  ai_enabled: true,
  version: "1",
};
let calls: { path: string; init: RequestInit }[];
let answer: () => Response;

beforeEach(() => {
  calls = [];
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    calls.push({ path, init });
    if (path === "/api/session" && init.method === "GET") document.cookie = "csrftoken=token";
    return Promise.resolve(answer());
  });
});

afterEach(() => {
  document.cookie = "csrftoken=; max-age=0";
  vi.unstubAllGlobals();
});

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw new Error("It did not fail as expected.");
  return error;
}

describe("a call of the API", () => {
  test("fetches a CSRF token before the first change", async () => {
    answer = () => Response.json(SESSION);
    await signIn({ username: "ada", password: "x" });
    expect(calls.map(({ init }) => init.method)).toEqual(["GET", "POST"]);
    expect(calls[1]?.init.headers).toMatchObject({ "X-CSRFToken": "token" });
  });

  test("carries the server's sentence, code and wait", async () => {
    answer = () =>
      Response.json(
        { error: "Too many requests. Try again in 7 s.", code: "throttled" },
        { status: 429, headers: { "Retry-After": "7" } },
      );
    expect(await failure(getSession())).toMatchObject({
      message: "Too many requests. Try again in 7 s.",
      code: "throttled",
      retryAfter: 7,
      status: 429,
    });
  });

  test("has a sentence for an answer that is no JSON", async () => {
    answer = () => new Response("<h1>Bad gateway</h1>", { status: 502 });
    expect((await failure(getSession())).message).toMatch(/answered with an error \(502\)/);
  });

  test("counts an answer that breaks off as none", async () => {
    const breaking = new ReadableStream({ pull: (controller) => controller.error(new TypeError("network")) });
    answer = () => new Response(breaking);
    expect(await failure(getSession())).toMatchObject({ status: 0, code: "unreachable" });
  });

  test("has a sentence for an answer of another shape", async () => {
    answer = () => Response.json({ surprise: true });
    expect((await failure(request("/api/x", z.object({ id: z.string() })))).code).toBe("unexpected_answer");
  });

  describe("waits", () => {
    let body: ReadableStreamDefaultController<Uint8Array>;
    const say = (text: string) => body.enqueue(new TextEncoder().encode(text));

    beforeEach(() => {
      vi.useFakeTimers();
      vi.stubGlobal("fetch", (_path: string, { signal }: RequestInit) => {
        const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (body = controller) });
        signal?.addEventListener("abort", () => body.error(signal.reason));
        return Promise.resolve(new Response(stream));
      });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    test("for a large answer that comes slowly, as long as it comes", async () => {
      const asked = request("/api/x", z.array(z.string()));
      say('["ü');
      for (let part = 0; part < 10; part += 1) {
        await vi.advanceTimersByTimeAsync(15_000);
        say("x");
      }
      say('"]');
      body.close();
      expect(await asked).toEqual([`ü${"x".repeat(10)}`]);
    });

    test("no longer than 20 seconds for one that stands still", async () => {
      const failed = failure(request("/api/x", z.array(z.string())));
      say('["');
      await vi.advanceTimersByTimeAsync(20_001);
      expect(await failed).toMatchObject({ status: 0, code: "unreachable" });
    });
  });

  test("tells when the sign-in has ended, but not when a password is wrong", async () => {
    const signedOut = vi.fn();
    identityEvents.addEventListener("signed-out", signedOut);
    answer = () => Response.json({ error: "No.", code: "wrong_password" }, { status: 401 });
    await failure(getSession());
    expect(signedOut).not.toHaveBeenCalled();
    answer = () => Response.json({ error: "Sign in.", code: "not_authenticated" }, { status: 401 });
    await failure(getSession());
    expect(signedOut).toHaveBeenCalledOnce();
    identityEvents.removeEventListener("signed-out", signedOut);
  });
});
