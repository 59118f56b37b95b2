import type { CSSProperties } from "react";
import { useStore } from "zustand";

import styles from "@/canvas/PreviewLayer.module.css";
import { areaOf } from "@/canvas/previews";
import type { CanvasSession } from "@/canvas/session";
import type { PreviewElement } from "@/realtime/protocol";

/** The names under which the editor has registered its fonts, by the number in an element. */
const FONTS: Readonly<Record<number, string>> = {
  1: "Virgil",
  2: "Helvetica",
  3: "Cascadia",
  5: "Excalifont",
  6: "Nunito",
  7: "Lilita One",
  8: "Comic Shanns",
  9: "Liberation Sans",
};

/** What jobs are about to draw, over the drawing and no part of it: it cannot be touched, saved or undone. */
export function PreviewLayer({ session }: { session: CanvasSession }) {
  const previews = useStore(session.store, (state) => state.previews);
  const view = useStore(session.store, (state) => state.view);
  if (previews.length === 0) return null;
  return (
    <svg className={styles.layer} role="img" aria-label="Preview of what is being drawn">
      <defs>
        <marker
          id="preview-arrow"
          viewBox="0 0 10 10"
          refX="9"
          refY="5"
          markerWidth="7"
          markerHeight="7"
          orient="auto"
        >
          <path d="M1 1 9 5 1 9" className={styles.head} />
        </marker>
      </defs>
      <g transform={`scale(${view.zoom}) translate(${view.scrollX} ${view.scrollY})`}>
        {previews.map((element) => (
          <Ghost key={element.id} element={element} />
        ))}
      </g>
    </svg>
  );
}

function Ghost({ element }: { element: PreviewElement }) {
  if (element.change === "gone") return <Gone element={element} />;
  if (element.change === null) return <Outline element={element} />;
  const colors = {
    "--preview-stroke": element.strokeColor ?? undefined,
    "--preview-fill": element.backgroundColor ?? undefined,
  } as CSSProperties;
  return (
    <g className={styles.changed} style={colors} data-change="changed">
      <Outline element={element} />
    </g>
  );
}

/** What will be deleted, crossed out. Words go with what they stand in. */
function Gone({ element }: { element: PreviewElement }) {
  const area = areaOf([element]);
  if (!area || element.type === "text") return null;
  const { x, y, width, height } = area;
  return (
    <g className={styles.gone} data-change="gone">
      <rect x={x - 4} y={y - 4} width={width + 8} height={height + 8} rx="8" />
      <path d={`M${x} ${y} l${width} ${height} M${x + width} ${y} l${-width} ${height}`} />
    </g>
  );
}

function Outline({ element }: { element: PreviewElement }) {
  const { x, y, width, height } = element;
  switch (element.type) {
    case "text":
      return <GhostText element={element} />;
    case "ellipse":
      return (
        <ellipse
          className={styles.shape}
          cx={x + width / 2}
          cy={y + height / 2}
          rx={width / 2}
          ry={height / 2}
        />
      );
    case "diamond":
      return (
        <path
          className={styles.shape}
          d={`M${x + width / 2} ${y} L${x + width} ${y + height / 2} L${x + width / 2} ${y + height} L${x} ${y + height / 2} Z`}
        />
      );
    case "line":
    case "arrow": {
      const [first, last] = [element.points[0], element.points.at(-1)];
      const isClosed = element.points.length > 2 && first?.join() === last?.join();
      return (
        <polyline
          className={isClosed ? styles.shape : styles.line}
          points={element.points.map(([dx, dy]) => `${x + dx},${y + dy}`).join(" ")}
          {...(element.type === "arrow" && { markerEnd: "url(#preview-arrow)" })}
        />
      );
    }
    default:
      return (
        <rect
          className={styles.shape}
          x={x}
          y={y}
          width={width}
          height={height}
          rx={Math.min(12, height / 4)}
        />
      );
  }
}

function GhostText({ element }: { element: PreviewElement }) {
  const { x, y, width, fontSize, textAlign } = element;
  const [at, anchor] =
    textAlign === "center"
      ? ([x + width / 2, "middle"] as const)
      : textAlign === "right"
        ? ([x + width, "end"] as const)
        : ([x, "start"] as const);
  const lineHeight = fontSize * element.lineHeight;
  return (
    <text
      className={styles.words}
      fontSize={fontSize}
      fontFamily={`${FONTS[element.fontFamily] ?? "Excalifont"}, Xiaolai, sans-serif`}
      textAnchor={anchor}
      dominantBaseline="central"
    >
      {element.text.split("\n").map((line, number) => (
        <tspan key={number} x={at} y={y + lineHeight * (number + 0.5)}>
          {line}
        </tspan>
      ))}
    </text>
  );
}
