import { serve } from "./server";

const [port = "", moto = "", ministack = ""] = process.argv.slice(2);
serve(Number(port), moto, ministack);
