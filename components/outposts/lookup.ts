import { ec2Client } from "../common/ec2Client";
import { ConfigProblem } from "../common/problems";
import { RelaunchApplication } from "./outpostRelaunch";
import { LaunchTemplate, LaunchTemplateName, lookUpLaunchTemplate } from "./launchTemplate";

/** An application as configured: it names its launch template. */
export type NamedApplication<Application extends RelaunchApplication> = Omit<Application, "launchTemplate"> & {
  /** The launch template, by id or by name. */
  readonly launchTemplate: LaunchTemplateName;
};

/** The applications of pairs, with the versions of launch templates that they name. */
export interface ApplicationsLookup<Application extends RelaunchApplication> {
  /** A list for each pair. */
  readonly applications: readonly (readonly Application[])[];
  /** What is not there, or can't be launched. */
  readonly problems: readonly ConfigProblem[];
}

/** Looks up in AWS, before anything is registered, the launch templates that pairs name. Never throws. */
export async function lookUpApplications<Application extends RelaunchApplication>(
  pairs: readonly { readonly applications: readonly NamedApplication<Application>[] }[],
): Promise<ApplicationsLookup<Application>> {
  const problems: ConfigProblem[] = [];
  const ec2 = await ec2Client();
  const find = async (application: NamedApplication<Application>, path: (string | number)[]) => {
    const problem = (message: string) => problems.push({ path, message });
    const launchTemplate = await lookUpLaunchTemplate(application.launchTemplate, ec2, problem);
    return { ...application, launchTemplate: launchTemplate ?? NONE } as unknown as Application;
  };
  const applications = await Promise.all(
    pairs.map((pair, i) =>
      Promise.all(
        pair.applications.map((a, j) => find(a, ["outposts", "pairs", i, "applications", j, "launchTemplate"])),
      ),
    ),
  );
  return { applications, problems };
}

/** Stands in for a template that isn't there; a problem keeps it from being used. */
const NONE: LaunchTemplate = {
  ...{ id: "", version: "", imageId: "", roleArn: undefined, networkInterfaces: [], tagged: [] },
  ...{ keyName: undefined, placementGroup: undefined, kmsKeyArns: [], fromSnapshots: false },
};
