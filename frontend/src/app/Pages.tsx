import { useEffect, useRef } from "react";
import { Outlet, useLocation } from "react-router";

/** All pages. After a change of page the focus, which went with the old one, is on the heading of the new one. */
export function Pages() {
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return undefined;
    shown.current = pathname;
    if (focusHeading()) return undefined;
    // The page is still being fetched.
    const observer = new MutationObserver(() => {
      if (focusHeading()) observer.disconnect();
    });
    observer.observe(document.body, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, [pathname]);
  return <Outlet />;
}

/** True when there is nothing more to do: the heading has the focus, or what the page or a person gave it to. */
function focusHeading(): boolean {
  if (document.activeElement !== document.body) return true;
  const heading = document.querySelector("h1");
  if (!heading) return false;
  heading.tabIndex = -1;
  heading.focus();
  return true;
}
