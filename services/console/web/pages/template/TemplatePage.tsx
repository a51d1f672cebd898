import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { CategoryBadge } from "../../nouns/action/CategoryBadge";
import { ParameterTable } from "../../nouns/action/ParameterTable";
import { StepList } from "../../nouns/action/StepList";
import { templateQuery } from "../../nouns/template/queries";
import { Page } from "../../ui/Page";
import { Section } from "../../ui/Section";
import classes from "./TemplatePage.module.css";
import { UseTemplateForm } from "./UseTemplateForm";

const route = getRouteApi("/signed-in/templates/$name");

/** A template: what it does, step by step, and the form that makes an action of it. */
export function TemplatePage() {
  const { name } = route.useParams();
  const { data: template } = useSuspenseQuery(templateQuery(name));
  return (
    <Page
      title={template.title}
      beside={<CategoryBadge category={template.category} />}
      about={template.description}
      tabTitle={`${template.title} (template)`}
    >
      <div className={classes.layout}>
        <aside className={classes.use} aria-label="Use this template">
          <UseTemplateForm key={template.name} template={template} />
        </aside>
        <div className={classes.about}>
          <Section title="What it does">
            <StepList steps={template.steps} />
          </Section>
          <Section title="What it asks for">
            <ParameterTable parameters={template.parameters} />
          </Section>
        </div>
      </div>
    </Page>
  );
}
