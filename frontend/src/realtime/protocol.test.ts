import { describe, expect, test } from "vitest";

import { clientMessageSchema, parseServerMessage } from "@/realtime/protocol";
import { protocolExamples } from "@/test/sharedExamples";

const examples = protocolExamples();

describe("the protocol", () => {
  test.each(Object.entries(examples.server))("understands %s from the server", (_name, example) => {
    const parsed = parseServerMessage(JSON.stringify(example));
    expect(parsed).toMatchObject({ kind: "message", message: { type: example.type } });
  });

  test.each(clientMessageSchema.options.map((option) => option.shape.type.value))(
    "writes %s as published",
    (type) => {
      expect(clientMessageSchema.parse(examples.client[type])).toEqual(examples.client[type]);
    },
  );

  test("keeps every key of an element, known or not", () => {
    const example = { ...examples.server["objects.changed"] } as unknown as {
      objects: { properties: object }[];
    };
    const properties = { ...example.objects[0]?.properties, customData: { note: 1 } };
    const parsed = parseServerMessage(
      JSON.stringify({ ...example, objects: [{ ...example.objects[0], properties }] }),
    );
    expect(parsed).toMatchObject({ message: { objects: [{ properties }] } });
  });

  test("ignores fields and types that it does not know", () => {
    expect(parseServerMessage('{"type":"pong","later":1}').kind).toBe("message");
    expect(parseServerMessage('{"type":"weather","sun":true}').kind).toBe("unknown");
  });

  test.each(["", "{", "[]", "null", '{"type":7}', '{"type":"objects.changed","objects":"all"}'])(
    "calls %j malformed instead of throwing",
    (text) => {
      expect(parseServerMessage(text).kind).toBe("malformed");
    },
  );
});
