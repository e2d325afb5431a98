// Globals that Dash, its components and Plotly define, as far as the modules use them. The modules define none of their
// own but `dash_clientside.synrl`, for Dash's callbacks.
import type { PlotlyLibrary } from "./plotly.js";

declare global {
  interface Window {
    /** A promise while the library loads: Dash awaits it. */
    Plotly?: PlotlyLibrary | Promise<PlotlyLibrary>;
    _dashPlotlyJSURL?: string;
    DashRenderer: new () => object;
    React: {
      createElement(type: unknown, properties?: object | null, ...children: unknown[]): ReactElement;
      useEffect(effect: () => void): void;
      useRef<Type>(initial: Type): { current: Type };
      useSyncExternalStore<Type>(subscribe: (listener: () => void) => () => void, snapshot: () => Type): Type;
    };
    dash_ag_grid: { getApiAsync(id: string): Promise<import("./ag_grid.js").GridApi> };
    dash_clientside: {
      no_update: object;
      set_props(id: string, properties: object): void;
      synrl?: Record<string, unknown>;
    };
    dash_core_components: { Link: unknown };
    /** Functions and components that the columns of the grid name. */
    dashAgGridFunctions?: Record<string, (...inputs: never[]) => unknown>;
    dashAgGridComponentFunctions?: Record<string, (properties: never) => ReactElement | string | null>;
  }

  /** What React makes of a component; nothing here looks into it. */
  interface ReactElement {
    readonly type: unknown;
  }

  interface WindowEventMap {
    _dashprivate_pushstate: CustomEvent;
  }
}
