import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactElement } from "react";
import { createMemoryRouter, Outlet, RouterProvider } from "react-router";
import { vi } from "vitest";

import type { Session } from "@/api/models";
import { makeQueryClient } from "@/app/queryClient";
import { FakeSocket } from "@/test/FakeSocket";
import { Notices } from "@/ui/Notices";

export const USER = { id: 1, username: "ada", name: "Ada" };
export const SESSION: Session = {
  user: USER,
  provider: { name: "sketcher", label: "the built-in sketcher" },
  ai_enabled: true,
  version: "",
};

/** Shows a page to somebody who is signed in; the page of a canvas is a stand-in, there as soon as `editor` is. */
export function showPage(path: string, page: ReactElement, editor: Promise<unknown> = Promise.resolve()) {
  vi.stubGlobal("WebSocket", FakeSocket);
  const client = makeQueryClient();
  const router = createMemoryRouter(
    [
      {
        element: <Outlet context={{ session: SESSION, user: USER }} />,
        children: [
          { path, element: page },
          {
            path: "/c/:canvasId",
            lazy: async () => {
              await editor;
              return { Component: () => <p>An open canvas</p> };
            },
          },
        ],
      },
    ],
    { initialEntries: [path] },
  );
  render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
      <Notices />
    </QueryClientProvider>,
  );
  return client;
}
