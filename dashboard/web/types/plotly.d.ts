// Plotly.js as far as the modules use it. Attributes of traces and layouts are too many to name here: they are objects
// whose values are looked at where they are used.

export type Attributes = Record<string, any>;

/** A trace, with what dashboard/figures/traces.py notes in it. */
export interface Trace extends Attributes {
  type?: string;
  meta?: { series?: Series; paint?: Record<string, string> };
}

/** Which series of numbers a trace draws. */
export interface Series {
  /** Kind of the series: metrics, shares, layers, weights, replicates, baseline. */
  of: string;
  role?: string;
  /** Name of the column that is drawn. */
  y?: string;
  /** Weights or biases. */
  part?: "weights" | "biases";
  /** Of words at the ends of curves: column and word of each. */
  columns?: [string, string][];
  baseline?: string;
  format?: "percent" | "number";
  label?: string;
}

export interface Figure {
  data: Trace[];
  layout: Attributes;
}

export interface Axis {
  range: [number, number];
  autorange: boolean | string;
  _length: number;
}

/** An element that Plotly has drawn a figure into. */
export interface Graph extends HTMLElement, Figure {
  _fullData: Trace[];
  _fullLayout: { _size: { l: number; w: number; h: number }; yaxis: Axis };
  on(event: "plotly_click", listener: (event: { points: Point[] }) => void): void;
  on(event: "plotly_relayout", listener: (changes: Attributes) => void): void;
  on(event: "plotly_doubleclick" | "plotly_afterplot" | "plotly_hover", listener: () => void): void;
}

export interface Point {
  curveNumber: number;
  x: number;
  y: number;
}

export interface ImageOptions {
  format: "svg" | "png";
  width: number;
  height: number;
  scale: number;
}

export interface PlotlyLibrary {
  react(element: HTMLElement, data: Trace[], layout: Attributes, config: object): Promise<Graph>;
  update(element: Graph, traces: Attributes, layout: Attributes, indices: number[]): Promise<Graph>;
  toImage(figure: Figure, options: ImageOptions): Promise<string>;
  purge(element: HTMLElement): void;
  Fx: { hover(element: Graph, at: { xval: number }, subplot: string): void; unhover(element: Graph): void };
}
