// The page of a room that is gone: tell the page around it, so that it can lead its person on.
import { Frame } from "./frame.js";

const frame = new Frame(document.body.dataset.origins.split(" ").filter(Boolean), {});
frame.tell("ready");
frame.tell("meeting_end");
