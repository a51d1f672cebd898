import { actions } from "./actions";
import { index } from "./index";
import { root, signedIn } from "./root";
import { run } from "./run";
import { runs } from "./runs";
import { signIn } from "./sign-in";

export const tree = root.addChildren([signIn, signedIn.addChildren([index, actions, runs, run])]);
