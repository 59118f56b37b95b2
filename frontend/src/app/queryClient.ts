import { QueryClient } from "@tanstack/react-query";

import { ApiError } from "@/api/http";

const MAX_TRIES = 3;

/**
 * Queries that may pass are tried again; a refusal is an answer and is shown at once.
 *
 * Everything is asked at once, whatever the browser thinks of its network: what waited for that would hang without a
 * word, and be done when nobody expects it any more.
 */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: "always",
        refetchOnReconnect: true,
        staleTime: 10_000,
        retry: (failures, error) =>
          failures + 1 < MAX_TRIES &&
          error instanceof ApiError &&
          (error.status === 0 || error.status >= 502),
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}
