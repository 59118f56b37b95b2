import { z } from "zod";

// The page's Content-Security-Policy forbids code made from text, which zod would try for speed.
z.config({ jitless: true });

export { z };
