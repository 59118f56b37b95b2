import { errorBodySchema } from "@/api/models";

/** An answer of the server that is not a success, or no answer at all (`status` 0). Its message is for a person. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** Seconds to wait, when the server said so. */
  readonly retryAfter: number | null;

  constructor(options: { status: number; code: string; message: string; retryAfter?: number | null }) {
    super(options.message);
    this.name = "ApiError";
    this.status = options.status;
    this.code = options.code;
    this.retryAfter = options.retryAfter ?? null;
  }
}

/** Fires "signed-out" when the server no longer knows who is asking, whichever call found out. */
export const identityEvents = new EventTarget();

interface Parser<T> {
  parse(value: unknown): T;
}

interface RequestOptions {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** How long the server may say nothing. A large answer on a slow line may take minutes, but never stands still. */
const SILENCE_MS = 20_000;
/** What a failed attempt to sign in is told: nobody was signed in before. */
const SIGN_IN_REFUSALS = new Set(["wrong_password", "second_factor_needed", "wrong_code"]);

/** Calls the API and parses its answer; every way in which that can fail is an `ApiError`. */
export async function request<T>(path: string, parser: Parser<T>, options: RequestOptions = {}): Promise<T> {
  const { status, text } = await send(path, options);
  try {
    return parser.parse(JSON.parse(text));
  } catch {
    throw new ApiError({
      status,
      code: "unexpected_answer",
      message: "The server answered in a form that this page does not know. Reload the page.",
    });
  }
}

/** Calls the API where the answer has no content worth reading. */
export async function requestNothing(path: string, options: RequestOptions): Promise<void> {
  await send(path, options);
}

interface Answer {
  status: number;
  text: string;
}

async function send(path: string, options: RequestOptions): Promise<Answer> {
  const method = options.method ?? "GET";
  const headers: Record<string, string> = { Accept: "application/json", ...options.headers };
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRFToken"] = await csrfToken();
  const silence = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listen = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENCE_MS);
  };
  let response: Response;
  let text: string;
  try {
    listen();
    response = await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: options.signal ? AbortSignal.any([options.signal, silence.signal]) : silence.signal,
    });
    text = await textOf(response, listen);
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new ApiError({
      status: 0,
      code: "unreachable",
      message: "The server cannot be reached. Check your connection, then try again.",
    });
  } finally {
    clearTimeout(timer);
  }
  if (response.ok) return { status: response.status, text };
  const error = errorFrom(response, text);
  if (error.status === 401 && !SIGN_IN_REFUSALS.has(error.code))
    identityEvents.dispatchEvent(new Event("signed-out"));
  throw error;
}

async function textOf(response: Response, onPart: () => void): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const part = await reader?.read();
    if (!part || part.done) return text + decoder.decode();
    onPart();
    text += decoder.decode(part.value, { stream: true });
  }
}

function errorFrom(response: Response, text: string): ApiError {
  const retryAfter = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  const parsed = errorBodySchema.safeParse(jsonOrNull(text));
  return new ApiError({
    status: response.status,
    code: parsed.data?.code ?? "error",
    message:
      parsed.data?.error ?? `The server answered with an error (${response.status}). Try again in a minute.`,
    retryAfter: Number.isNaN(retryAfter) ? null : retryAfter,
  });
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The token that proves that a change comes from our own page. Reading the session makes the server set it. */
async function csrfToken(): Promise<string> {
  const token = csrfCookie();
  if (token) return token;
  await send("/api/session", {});
  return csrfCookie();
}

function csrfCookie(): string {
  const match = /(?:^|;\s*)csrftoken=([^;]*)/.exec(document.cookie);
  return match?.[1] ?? "";
}
