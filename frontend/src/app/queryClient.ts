import { QueryClient } from "@tanstack/react-query";

import { ApiError } from "@/api/http";

const MAX_TRIES = 3;

/** Queries that may pass are tried again; a refusal is an answer and is shown at once. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) =>
          failures + 1 < MAX_TRIES &&
          error instanceof ApiError &&
          (error.status === 0 || error.status >= 502),
      },
      mutations: { retry: false },
    },
  });
}
