CREATE TABLE "dashboard_shares" (
	"dashboard_id" uuid NOT NULL,
	"user_id" text NOT NULL,
	"access" text NOT NULL,
	CONSTRAINT "dashboard_shares_dashboard_id_user_id_pk" PRIMARY KEY("dashboard_id","user_id"),
	CONSTRAINT "dashboard_shares_access_check" CHECK ("dashboard_shares"."access" in ('view', 'edit'))
);
--> statement-breakpoint
ALTER TABLE "dashboards" ADD COLUMN "admin_access" text;--> statement-breakpoint
ALTER TABLE "dashboard_shares" ADD CONSTRAINT "dashboard_shares_dashboard_id_dashboards_id_fk" FOREIGN KEY ("dashboard_id") REFERENCES "dashboards"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "dashboard_shares" ADD CONSTRAINT "dashboard_shares_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "dashboard_shares_user_id_idx" ON "dashboard_shares" USING btree ("user_id");--> statement-breakpoint
ALTER TABLE "dashboards" ADD CONSTRAINT "dashboards_admin_access_check" CHECK ("dashboards"."admin_access" in ('view', 'edit'));