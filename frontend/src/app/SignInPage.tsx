import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { SubmitEvent } from "react";
import { Navigate, useSearchParams } from "react-router";

import { signIn } from "@/api/endpoints";
import { ApiError } from "@/api/http";
import { keys } from "@/api/keys";
import styles from "@/app/SignInPage.module.css";
import { SignInSketch } from "@/app/SignInSketch";
import { usePageTitle } from "@/app/usePageTitle";
import { useSession } from "@/app/useSession";
import { safeReturnPath } from "@/lib/returnPath";
import { Button } from "@/ui/Button";
import { ErrorNote } from "@/ui/ErrorNote";
import { Field } from "@/ui/Field";
import { Logo } from "@/ui/Logo";
import { ThemeToggle } from "@/ui/ThemeToggle";

const CODE_REFUSALS = new Set(["second_factor_needed", "wrong_code"]);

export function SignInPage() {
  usePageTitle("Sign in");
  const client = useQueryClient();
  const [search] = useSearchParams();
  const session = useSession();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [asksForCode, setAsksForCode] = useState(false);
  const signingIn = useMutation({
    mutationFn: signIn,
    onSuccess: (fresh) => {
      // Nothing that an earlier person saw may be shown to this one.
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.session[0] });
      client.setQueryData(keys.session, fresh);
    },
    onError: (error) => {
      setCode("");
      // The password was right; only the code is lacking or wrong.
      if (error instanceof ApiError && CODE_REFUSALS.has(error.code)) setAsksForCode(true);
      else setPassword("");
    },
  });

  const returnPath = safeReturnPath(search.get("next"));
  if (session.data?.user) return <Navigate replace to={returnPath} />;
  const isInvited = returnPath.startsWith("/invitations/");

  function handleSubmit(event: SubmitEvent) {
    event.preventDefault();
    signingIn.mutate({ username: username.trim(), password, code: code.trim() });
  }

  return (
    <main className={styles.page}>
      <section className={styles.story}>
        <p className={styles.brand}>
          <Logo size={34} /> CollabCanvas
        </p>
        <h1>Draw together. Let a sentence become a drawing.</h1>
        <p className={styles.lead}>
          A shared canvas where everybody sees every stroke at once – and where plain words turn into boxes,
          arrows and labels that you can go on editing.
        </p>
        <SignInSketch className={styles.sketch} />
      </section>
      <section className={styles.formSide}>
        <div className={styles.corner}>
          <ThemeToggle />
        </div>
        <form className={styles.form} onSubmit={handleSubmit}>
          <h2>Sign in</h2>
          <Field label="Username">
            <input
              name="username"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              required
              autoFocus
              value={username}
              onChange={(event) => {
                setUsername(event.target.value);
                setAsksForCode(false);
                setCode("");
              }}
            />
          </Field>
          <Field label="Password">
            <input
              name="password"
              type="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          </Field>
          {asksForCode && (
            <Field label="Code">
              <input
                name="code"
                autoComplete="one-time-code"
                inputMode="numeric"
                maxLength={64}
                spellCheck={false}
                required
                autoFocus
                value={code}
                onChange={(event) => setCode(event.target.value)}
              />
            </Field>
          )}
          <Button look="primary" type="submit" disabled={signingIn.isPending}>
            {signingIn.isPending ? "Signing in…" : "Sign in"}
          </Button>
          <p className={styles.note}>
            {isInvited && "You were invited to a canvas: sign in to accept. "}
            No account yet? Whoever runs this server can make one for you.
          </p>
          <ErrorNote error={signingIn.error ?? (session.data ? null : session.error)} />
        </form>
      </section>
    </main>
  );
}
