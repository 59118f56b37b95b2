import { Link } from "react-router";

import linkStyles from "@/app/links.module.css";
import { usePageTitle } from "@/app/usePageTitle";
import { MessagePage } from "@/ui/MessagePage";

export function NotFoundPage({ what = "page" }: { what?: "page" | "canvas" }) {
  usePageTitle("Not found");
  const text =
    what === "canvas"
      ? "It may have been deleted, or it is not shared with you. Ask its owner for an invitation."
      : "There is nothing at this address. Check the link, or go back to your canvases.";
  return (
    <MessagePage title={`This ${what} cannot be found`} text={text}>
      <Link className={linkStyles.button} to="/">
        Your canvases
      </Link>
    </MessagePage>
  );
}
