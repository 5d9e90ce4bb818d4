import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { askEarly } from "./api/files";
import { hasPipes } from "./api/table";
import { App } from "./app";
import { readLink } from "./model/view";

const view = readLink(location.hash);
if (view.pane === "results" && !hasPipes(view.query)) askEarly();
render(<App />, document.getElementById("page")!);
