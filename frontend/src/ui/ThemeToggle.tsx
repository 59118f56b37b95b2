import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { chooseTheme, useTheme } from "@/ui/theme";

export function ThemeToggle() {
  const theme = useTheme();
  const other = theme === "dark" ? "light" : "dark";
  const label = `Switch to the ${other} theme`;
  return (
    <Button look="quiet" icon aria-label={label} title={label} onClick={() => chooseTheme(other)}>
      <Icon name={theme === "dark" ? "sun" : "moon"} />
    </Button>
  );
}
