import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";

import type { Instruction } from "@/api/endpoints";
import { ApiError } from "@/api/http";
import { AskForm } from "@/jobs/AskForm";
import { useAsking } from "@/jobs/useAsking";

function Harness({ onSend }: { onSend: (draft: Instruction) => Promise<void> }) {
  const asking = useAsking();
  const post = (draft: Instruction) => onSend(draft).then(() => ({ job_id: "j" }));
  return <AskForm asking={asking} onSend={() => void asking.send(post)} showExamples />;
}

const button = () => screen.getByRole("button", { name: "Draw it" });
const text = () => screen.getByLabelText<HTMLTextAreaElement>("What should be drawn?");

describe("the form that asks for a drawing", () => {
  test("sends what was typed, trimmed, with style and colours", async () => {
    const send = vi.fn(() => Promise.resolve());
    render(<Harness onSend={send} />);
    await userEvent.type(text(), "  A -> B ");
    await userEvent.selectOptions(screen.getByLabelText("Style"), "minimal");
    await userEvent.selectOptions(screen.getByLabelText("Colours"), "pastel");
    await userEvent.click(button());
    expect(send).toHaveBeenCalledWith({ instructions: "A -> B", style: "minimal", colorScheme: "pastel" });
  });

  test("sends on Ctrl+Enter", async () => {
    const send = vi.fn(() => Promise.resolve());
    render(<Harness onSend={send} />);
    await userEvent.type(text(), "A -> B{Control>}{Enter}{/Control}");
    expect(send).toHaveBeenCalledOnce();
  });

  test("names the keys only where there is a keyboard", () => {
    const { unmount } = render(<Harness onSend={() => Promise.resolve()} />);
    expect(screen.getByText("Ctrl+Enter sends it")).toBeTruthy();
    unmount();
    vi.spyOn(window, "matchMedia").mockImplementation((query) =>
      Object.assign(new EventTarget() as MediaQueryList, { matches: query.includes("pointer: coarse") }),
    );
    render(<Harness onSend={() => Promise.resolve()} />);
    expect(screen.queryByText("Ctrl+Enter sends it")).toBeNull();
  });

  test("takes an example on a click", async () => {
    render(<Harness onSend={() => Promise.resolve()} />);
    await userEvent.click(screen.getByRole("button", { name: "Sign up -> Verify e-mail -> Welcome" }));
    expect(text().value).toBe("Sign up -> Verify e-mail -> Welcome");
  });

  test("counts near the limit and stops beyond it", async () => {
    render(<Harness onSend={() => Promise.resolve()} />);
    await userEvent.click(text());
    await userEvent.paste("x".repeat(4_001));
    expect(screen.getByText("4,001 of 4,000 characters: please shorten it")).toBeTruthy();
    expect(button().hasAttribute("disabled")).toBe(true);
  });

  test("cannot send nothing", async () => {
    render(<Harness onSend={() => Promise.resolve()} />);
    await userEvent.type(text(), "   ");
    expect(button().hasAttribute("disabled")).toBe(true);
  });

  test("shows a refusal with the wait that the server named", async () => {
    const refusal = new ApiError({
      status: 429,
      code: "throttled",
      message: "Too many requests. Try again in 12 s.",
      retryAfter: 12,
    });
    render(<Harness onSend={() => Promise.reject(refusal)} />);
    await userEvent.type(text(), "A -> B");
    await userEvent.click(button());
    expect((await screen.findByRole("alert")).textContent).toBe("Too many requests. Try again in 12 s.");
    expect(text().value).toBe("A -> B");
  });
});
