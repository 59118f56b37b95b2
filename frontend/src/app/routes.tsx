import { createBrowserRouter } from "react-router";

import { CanvasListPage } from "@/app/CanvasListPage";
import { ErrorPage } from "@/app/ErrorPage";
import { InvitationPage } from "@/app/InvitationPage";
import { NotFoundPage } from "@/app/NotFoundPage";
import { Pages } from "@/app/Pages";
import { SessionGate } from "@/app/SessionGate";
import { SignInPage } from "@/app/SignInPage";
import { Loading } from "@/ui/Loading";

export function makeRouter() {
  return createBrowserRouter([
    {
      element: <Pages />,
      errorElement: <ErrorPage />,
      hydrateFallbackElement: <Loading what="the page" />,
      children: [
        { path: "/sign-in", element: <SignInPage /> },
        {
          element: <SessionGate />,
          children: [
            { path: "/", element: <CanvasListPage /> },
            {
              path: "/c/:canvasId",
              // The editor is by far the largest part; only those who open a canvas load it.
              lazy: async () => ({ Component: (await import("@/app/CanvasPage")).CanvasPage }),
            },
            { path: "/invitations/:token", element: <InvitationPage /> },
          ],
        },
        { path: "*", element: <NotFoundPage /> },
      ],
    },
  ]);
}
