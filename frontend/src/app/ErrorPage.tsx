import { Button } from "@/ui/Button";
import { MessagePage } from "@/ui/MessagePage";

/** What is shown instead of a page that crashed. Reloading also fetches parts that a new release has replaced. */
export function ErrorPage() {
  return (
    <MessagePage
      title="Something broke on this page"
      text="Your drawings are safe on the server. Reload the page; if it happens again, tell whoever runs this server."
    >
      <Button look="primary" onClick={() => location.reload()}>
        Reload
      </Button>
      <Button onClick={() => location.assign("/")}>Your canvases</Button>
    </MessagePage>
  );
}
