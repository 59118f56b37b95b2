/** The path to open after signing in; anything but a path of this site becomes the start page. */
export function safeReturnPath(next: string | null): string {
  if (!next?.startsWith("/") || !URL.canParse(next, location.origin)) return "/";
  // As the browser reads it, which drops tabs and line ends and takes a backslash for a slash.
  const address = new URL(next, location.origin);
  if (address.origin !== location.origin) return "/";
  const path = address.pathname + address.search + address.hash;
  // What is left of `/.//host` would lead to another site when it is read once more.
  return path.startsWith("//") ? "/" : path;
}

/** The address of the sign-in page that leads back to `path`. */
export function signInPath(path: string): string {
  return path === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(path)}`;
}
